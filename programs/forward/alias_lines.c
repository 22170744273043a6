#include <string.h>

#include "alias_lines.h"
#include "text.h"

static struct field physical(struct alias_lines *l)
{
  char const *s = l->in.s + l->at, *end = memchr(s, '\n', l->in.len - l->at);
  struct field line = { s, end ? (size_t)(end - s) + 1 : l->in.len - l->at };
  l->at += line.len;
  l->next_number++;
  return line;
}

static bool is_blank(struct field line)
{
  for (size_t i = 0; i < line.len; i++)
    if (!memchr(" \t\r\n", line.s[i], 4)) return false;
  return true;
}

static bool continues(struct alias_lines const *l)
{
  return l->at < l->in.len && memchr(" \t\r\n", l->in.s[l->at], 4);
}

/* Adds what continues the line; nothing of a blank line does, but the one behind it may. */
static void add_rest(struct alias_lines *l)
{
  while (continues(l)) {
    struct field line = physical(l);
    if (!is_blank(line)) text_addb(&l->text, line.s, line.len);
  }
}

bool alias_lines_next(struct alias_lines *l, bool is_folded)
{
  if (!l->next_number) l->next_number = 1;
  while (l->at < l->in.len) {
    l->number = l->next_number;
    struct field line = physical(l);
    if (is_blank(line)) continue;
    text_setb(&l->text, line.s, line.len);
    if (is_folded) add_rest(l);
    if (*l->text.s != '#') return true;
  }
  return false;
}
