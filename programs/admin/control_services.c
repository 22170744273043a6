#include <errno.h>
#include <glob.h>
#include <string.h>

#include "control_check.h"
#include "rule_listener.h"
#include "rule_variables.h"
#include "rules.h"
#include "text.h"

static void check_rule_file(char const *path, void *to)
{
  stralloc clean = STRALLOC_ZERO, text = STRALLOC_ZERO;
  if (rules_file(&clean, to, path) == -1) {
    text_set(&text, "unable to read: ");
    text_add(&text, strerror(errno));
    finding_add(to, &(struct finding){ .where = path, .text = text_z(&text) });
  }
  stralloc_free(&clean);
  stralloc_free(&text);
}

/* /etc/tcp.smtp.old.cdb, unless some service reads just that. */
static void check_table(struct findings *to, char const *path)
{
  struct rule_listener listener = { .table = STRALLOC_ZERO };
  stralloc source = STRALLOC_ZERO;
  text_setb(&source, path, strlen(path) - strlen(".cdb"));
  if (!rules_is_source(text_z(&source)) && !rule_listener_find(&listener, path))
    finding_add(to, &(struct finding){
      .where = path, .text = "made of a copy of rules, and no service reads it: remove it" });
  stralloc_free(&source);
  stralloc_free(&listener.table);
}

static void check_variable(struct findings *to, char const *path)
{
  check_env_variable(to, path, strrchr(path, '/') + 1);
}

static void for_each(char const *pattern, struct findings *to, void (*check)(struct findings *, char const *))
{
  glob_t found;
  if (glob(pattern, 0, 0, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++) check(to, found.gl_pathv[i]);
  globfree(&found);
}

void check_services(struct findings *to)
{
  for_each("supervise/*/env/*", to, check_variable);
  for_each("/etc/tcp.*.cdb", to, check_table);
  rules_each(check_rule_file, to);
}
