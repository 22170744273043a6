#include "bytes.h"
#include "remote_quote.h"

/* A line that was broken must not look like the border of a part where it goes on. */
static bool is_literal(struct quote const *q, char c, bool is_last)
{
  if (c == ' ' || c == '\t') return !is_last;
  if (c == '-' && !q->column && q->continues) return false;
  return c > ' ' && c <= '~' && c != '=';
}

static bool break_line(struct quote *q, stralloc *to)
{
  *q = (struct quote){ .continues = true };
  return bytes_add(to, "=\n");
}

static bool add_byte(struct quote *q, stralloc *to, char c, bool is_last)
{
  static char const digits[] = "0123456789ABCDEF";
  size_t const width = is_literal(q, c, is_last) ? 1 : 3;
  if (q->column + width >= QUOTE_LINE_MAX && !break_line(q, to)) return false;
  unsigned char const byte = (unsigned char)c;
  char const quoted[3] = { '=', digits[byte >> 4], digits[byte & 15] };
  bool literal = is_literal(q, c, is_last);
  q->column += literal ? 1 : sizeof quoted;
  return literal ? bytes_addc(to, c) : bytes_addb(to, quoted, sizeof quoted);
}

bool quote_add(struct quote *q, stralloc *to, char const *s, size_t len, bool ends)
{
  for (size_t i = 0; i < len; i++)
    if (!add_byte(q, to, s[i], ends && i + 1 == len)) return false;
  if (ends) *q = (struct quote){ 0 };
  return true;
}
