#include <string.h>

#include <skalibs/bytestr.h>

#include "lines.h"
#include "text.h"

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

bool lines_next(struct text_line *line, char const *text, size_t len, size_t *at)
{
  if (*at >= len) return false;
  size_t n = byte_chr(text + *at, len - *at, '\n');
  *line = (struct text_line){ text + *at, n };
  *at += n + 1;
  while (line->len && is_blank(line->s[line->len - 1])) line->len--;
  return true;
}

bool lines_same(struct text_line a, struct text_line b)
{
  return a.len == b.len && case_diffb(a.s, a.len, b.s) == 0;
}

bool lines_have(stralloc const *text, struct text_line line)
{
  struct text_line l;
  size_t at = 0;
  while (lines_next(&l, text->s, text->len, &at))
    if (lines_same(l, line)) return true;
  return false;
}

/* The last line may lack its newline. */
static void end_last_line(stralloc *text)
{
  if (text->len && text->s[text->len - 1] != '\n') text_addc(text, '\n');
}

static void append(stralloc *text, struct text_line line)
{
  end_last_line(text);
  text_addb(text, line.s, line.len);
  text_addc(text, '\n');
}

bool lines_add(stralloc *text, struct text_line line)
{
  if (lines_have(text, line)) return false;
  append(text, line);
  return true;
}

/* What is kept moves down over what is not. */
size_t lines_remove(stralloc *text, struct text_line line)
{
  struct text_line l;
  size_t at = 0, begin = 0, kept = 0, removed = 0;
  while (lines_next(&l, text->s, text->len, &at)) {
    size_t len = (at < text->len ? at : text->len) - begin;
    if (lines_same(l, line)) removed++;
    else {
      memmove(text->s + kept, text->s + begin, len);
      kept += len;
    }
    begin = at;
  }
  text->len = kept;
  return removed;
}

/* Where the line begins that ends the text; its length when there is none. */
static size_t dot_find(stralloc const *text)
{
  struct text_line l;
  size_t at = 0, begin = 0;
  while (lines_next(&l, text->s, text->len, &at)) {
    if (l.len && l.s[0] == '.') return begin;
    begin = at;
  }
  return text->len;
}

bool lines_add_before_dot(stralloc *text, struct text_line line)
{
  text->len = dot_find(text);
  bool added = lines_add(text, line);
  end_last_line(text);
  text_add(text, ".\n");
  return added;
}
