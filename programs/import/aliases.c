#include <search.h>
#include <string.h>
#include <strings.h>

#include "die.h"
#include "source.h"
#include "systems.h"
#include "text.h"

/* ---- what a line says ---- */

/* Its first byte is the first of the name. */
static struct field logical(struct field *rest, size_t *lines)
{
  char const *s = rest->s;
  size_t i = 0;
  *lines = 0;
  do {
    char const *end = memchr(s + i, '\n', rest->len - i);
    i = end ? (size_t)(end - s) + 1 : rest->len;
    ++*lines;
  } while (i < rest->len && (s[i] == ' ' || s[i] == '\t') && *s != '#');
  struct field line = { s, i };
  rest->s += i;
  rest->len -= i;
  return line;
}

static struct field name_of(struct field line)
{
  bool quoted = false;
  for (size_t i = 0; i < line.len; i++) {
    if (line.s[i] == '"') quoted = !quoted;
    if (line.s[i] == ':' && !quoted) return field_trimmed((struct field){ line.s, i });
  }
  return (struct field){ line.s, 0 };
}

/* The next of its targets, without quotes around it. */
static struct field target_next(struct field *rest)
{
  bool quoted = false;
  size_t i = 0;
  while (rest->len && strchr(" \t\r\n,", *rest->s)) rest->s++, rest->len--;
  for (; i < rest->len && (quoted || rest->s[i] != ','); i++)
    if (rest->s[i] == '"') quoted = !quoted;
  struct field f = field_trimmed((struct field){ rest->s, i });
  rest->s += i;
  rest->len -= i;
  if (f.len > 1 && *f.s == '"' && f.s[f.len - 1] == '"' && memchr("|/:", f.s[1], 3)) f = (struct field){ f.s + 1, f.len - 2 };
  return f;
}

static bool begins(struct field f, char const *with)
{
  return f.len >= strlen(with) && strncasecmp(f.s, with, strlen(with)) == 0;
}

/* Why newaliases would not take it; null: it does. */
static char const *refusal(struct field target)
{
  if (begins(target, ":include:")) return 0;
  if (begins(target, ":fail:") || begins(target, ":defer:") || begins(target, "error:"))
    return "in ~alias/.qmail-NAME the line |bouncesaying 'why' says it";
  if (begins(target, ":blackhole:") || begins(target, "/dev/null")) return "a file ~alias/.qmail-NAME with one line # and nothing else takes such mail";
  if (begins(target, "/")) return "a file gets mail by a line in ~alias/.qmail-NAME, and user alias must be allowed to write it";
  return begins(target, ":") ? "newaliases does not know this" : 0;
}

static char const *refusal_of_line(struct field name, struct field line)
{
  struct field rest = { line.s + (size_t)(name.s - line.s) + name.len, 0 };
  rest.len = (size_t)(line.s + line.len - rest.s);
  char const *colon = memchr(rest.s, ':', rest.len), *no = 0;
  if (!name.len || !colon) return "it is no alias";
  rest = (struct field){ colon + 1, (size_t)(rest.s + rest.len - colon) - 1 };
  struct field target = target_next(&rest);
  if (!target.len) return "nothing stands behind the name";
  for (; target.len && !no; target = target_next(&rest)) no = refusal(target);
  return no;
}

static void note_includes(struct harvest *h, struct field line)
{
  static char const word[] = ":include:";
  for (size_t i = 0; i + sizeof word - 1 < line.len; i++) {
    if (strncasecmp(line.s + i, word, sizeof word - 1) != 0) continue;
    struct field rest = { line.s + i + sizeof word - 1, line.len - i - sizeof word + 1 };
    size_t len = 0;
    while (len < rest.len && !strchr(" \t\r\n,\"", rest.s[len])) len++;
    text_addb(&h->includes, rest.s, len);
    text_end(&h->includes);
  }
}

static void note_name(struct harvest *h, struct field name)
{
  if (memchr(name.s, '@', name.len) || memchr(name.s, 0, name.len)) return;
  text_addb(&h->alias_names, name.s, name.len);
  text_end(&h->alias_names);
}

/* ---- lines ---- */

static bool is_new(struct harvest *h, struct field line)
{
  stralloc key = STRALLOC_ZERO;
  text_addb(&key, line.s, line.len);
  text_end(&key);
  char **at = tsearch(key.s, &h->alias_lines, (int (*)(void const *, void const *))strcmp);
  if (!at) die_nomem();
  if (*at == key.s) return true;
  stralloc_free(&key);
  return false;
}

static void put_aside(struct harvest *h, struct field line)
{
  for (size_t at = 0; at < line.len;) {
    char const *end = memchr(line.s + at, '\n', line.len - at);
    size_t len = end ? (size_t)(end - line.s) + 1 - at : line.len - at;
    text_add(&h->aliases, "# not carried over: ");
    text_addb(&h->aliases, line.s + at, len);
    at += len;
  }
}

static void take_line(struct harvest *h, struct harvest_place at, struct field line)
{
  struct field all = field_trimmed(line), name = name_of(all);
  char const *no = all.len && *all.s != '#' ? refusal_of_line(name, line) : 0;
  if (no) {
    harvest_leave(h, at, all, no);
    put_aside(h, line);
  } else {
    text_addb(&h->aliases, line.s, line.len);
    if (all.len && *all.s != '#') {
      is_new(h, all);
      note_name(h, name);
      note_includes(h, line);
    }
  }
  if (h->aliases.len && h->aliases.s[h->aliases.len - 1] != '\n') text_addc(&h->aliases, '\n');
}

void import_alias_text(struct harvest *h, char const *path, struct field rest)
{
  struct harvest_place at = { path, 1 };
  h->has_aliases = true;
  for (size_t lines; rest.len; at.line += lines) {
    struct field line = logical(&rest, &lines);
    take_line(h, at, line);
  }
}

void import_aliases(struct harvest *h, struct harvest_place from, char const *path)
{
  stralloc text = STRALLOC_ZERO;
  if (source_read(&text, h, from, path)) import_alias_text(h, path, (struct field){ text.s, text.len });
  stralloc_free(&text);
}

void import_alias(struct harvest *h, struct field name, struct field targets)
{
  stralloc line = STRALLOC_ZERO;
  text_addb(&line, name.s, name.len);
  text_add(&line, ": ");
  text_addb(&line, targets.s, targets.len);
  text_add(&line, "\n");
  h->has_aliases = true;
  if (is_new(h, field_trimmed((struct field){ line.s, line.len }))) text_addx(&h->aliases, &line);
  note_name(h, name);
  stralloc_free(&line);
}
