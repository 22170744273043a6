#include <string.h>

#include "base64.h"
#include "list_encoding.h"
#include "text.h"

void list_encoding_begin(struct list_encoding *e, char as)
{
  *e = (struct list_encoding){ .as = as };
}

/* ---- quoted-printable ---- */

static void add_token(stralloc *to, struct list_encoding *e, char const *s, size_t len)
{
  if (e->column + len > LIST_LINE) {
    text_add(to, "=\n");
    e->column = 0;
  }
  text_addb(to, s, len);
  e->column += len;
}

static void add_quoted(stralloc *to, struct list_encoding *e, unsigned char c)
{
  static char const hex[] = "0123456789ABCDEF";
  char const token[] = { '=', hex[c >> 4], hex[c & 15] };
  add_token(to, e, token, sizeof token);
}

/* The blank that came last: encoded where the line ends with it. */
static void settle_blank(stralloc *to, struct list_encoding *e, bool ends)
{
  char const blank = e->blank;
  if (!blank) return;
  e->blank = 0;
  if (ends) add_quoted(to, e, (unsigned char)blank);
  else add_token(to, e, &blank, 1);
}

static void printable(stralloc *to, struct list_encoding *e, char c)
{
  settle_blank(to, e, c == '\n');
  if (c == ' ' || c == '\t') e->blank = c;
  else if (c == '\n') text_add(to, "\n"), e->column = 0;
  else if (c > ' ' && c < 127 && c != '=') add_token(to, e, &c, 1);
  else add_quoted(to, e, (unsigned char)c);
}

/* ---- base64 ---- */

static void flush_bytes(stralloc *to, struct list_encoding *e)
{
  if (!e->count) return;
  text_room(to, LIST_LINE);
  to->len += base64_encode(to->s + to->len, e->bytes, e->count);
  text_add(to, "\n");
  e->count = 0;
}

static void byte64(stralloc *to, struct list_encoding *e, char c)
{
  e->bytes[e->count++] = c;
  if (e->count == LIST_LINE_BYTES) flush_bytes(to, e);
}

/* ---- both ---- */

void list_encoding_add(stralloc *to, struct list_encoding *e, char const *s, size_t len)
{
  if (!e->as) text_addb(to, s, len);
  for (size_t i = 0; e->as && i < len; i++) {
    if (e->as == 'Q') {
      printable(to, e, s[i]);
      continue;
    }
    if (s[i] == '\n') byte64(to, e, '\r');
    byte64(to, e, s[i]);
  }
}

void list_encoding_end(stralloc *to, struct list_encoding *e)
{
  settle_blank(to, e, true);
  flush_bytes(to, e);
  e->as = 0;
}
