#include <glob.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "control_check.h"
#include "near_miss.h"
#include "text.h"

void check_variable(struct findings *to, char const *path, size_t line, char const *name)
{
  char const *meant = near_miss(name, known_variables);
  stralloc text = STRALLOC_ZERO;
  if (!meant || strcmp(meant, name) == 0) return;
  text_set(&text, "no program knows the variable ");
  text_add(&text, name);
  text_add(&text, ": is ");
  text_add(&text, meant);
  text_add(&text, " meant?");
  finding_add(to, &(struct finding){ .where = path, .line = line, .text = text_z(&text) });
  stralloc_free(&text);
}

static size_t word_end(struct control_line const *line, size_t from)
{
  while (from < line->len && line->s[from] != '=' && line->s[from] != ',') from++;
  return from;
}

static void check_rule_line(struct findings *to, char const *path, struct control_line const *line)
{
  stralloc name = STRALLOC_ZERO;
  for (size_t i = 0; i < line->len; i++) {
    if (line->s[i] != ',') continue;
    size_t end = word_end(line, i + 1);
    if (end == line->len || line->s[end] != '=') continue;
    text_setb(&name, line->s + i + 1, end - i - 1);
    check_variable(to, path, line->number, text_z(&name));
  }
  stralloc_free(&name);
}

void check_rule_variables(struct findings *to, char const *path, stralloc const *rules)
{
  struct control_line line;
  for (size_t at = 0; control_next_entry(rules, &at, &line);) check_rule_line(to, path, &line);
}

static bool ends_with(char const *s, char const *end)
{
  size_t len = strlen(s), n = strlen(end);
  return len >= n && strcmp(s + len - n, end) == 0;
}

static bool is_rule_source(char const *path)
{
  return !ends_with(path, "~") && !ends_with(path, ".cdb") && !ends_with(path, ".tmp");
}

static void check_rule_file(struct findings *to, char const *path)
{
  stralloc rules = STRALLOC_ZERO;
  if (is_rule_source(path) && openslurpclose(&rules, path)) check_rule_variables(to, path, &rules);
  stralloc_free(&rules);
}

static void check_env_file(struct findings *to, char const *path)
{
  check_variable(to, path, 0, strrchr(path, '/') + 1);
}

static void for_each(char const *pattern, struct findings *to, void (*check)(struct findings *, char const *))
{
  glob_t found;
  if (glob(pattern, 0, 0, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++) check(to, found.gl_pathv[i]);
  globfree(&found);
}

void check_variables(struct findings *to)
{
  for_each("supervise/*/env/*", to, check_env_file);
  for_each("/etc/tcp.*", to, check_rule_file);
}
