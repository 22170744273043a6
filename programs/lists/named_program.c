#include <string.h>

#include "named_program.h"

static struct field part(struct field f, size_t from, size_t to) { return (struct field){ f.s + from, to - from }; }

/* What ends a word for the shell, and may stand before one. */
static bool is_end(char c) { return strchr(" \t\n;|&()'\"", c); }

static bool is_of_lists(struct field path)
{
  char const *slash = path.len ? memrchr(path.s, '/', path.len) : 0;
  size_t name = slash ? (size_t)(slash + 1 - path.s) : 0;
  return slash && path.len - name > 6 && !memcmp(path.s + name, "ezmlm-", 6);
}

/* The next word that begins with a slash. */
static bool next_path(struct field *path, struct field *rest)
{
  size_t at = 0;
  while (at < rest->len && (rest->s[at] != '/' || (at && !is_end(rest->s[at - 1])))) at++;
  size_t end = at;
  while (end < rest->len && !is_end(rest->s[end])) end++;
  if (at == rest->len) return false;
  *path = part(*rest, at, end);
  *rest = part(*rest, end, rest->len);
  return true;
}

bool named_program(struct field *path, struct field *rest)
{
  while (next_path(path, rest)) if (is_of_lists(*path)) return true;
  return false;
}
