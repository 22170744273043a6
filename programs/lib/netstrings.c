#include <stdbool.h>
#include <string.h>

#include <skalibs/types.h>

#include "netstrings.h"

enum { DIGITS_MAX = 5 };              /* of a length */

static char *put(char *to, struct field f)
{
  to += size_fmt(to, f.len);
  *to++ = ':';
  if (f.len) memcpy(to, f.s, f.len);
  to += f.len;
  *to++ = ',';
  return to;
}

static size_t put_size(size_t len)
{
  return size_fmt(0, len) + len + 2;
}

size_t netstrings_pack(char *to, size_t max, struct field const *parts, size_t count)
{
  size_t len = 0;
  for (size_t i = 0; i < count; i++) {
    if (parts[i].len > max) return 0;
    len += put_size(parts[i].len);
  }
  if (put_size(len) > max) return 0;
  char *end = to + size_fmt(to, len);
  *end++ = ':';
  for (size_t i = 0; i < count; i++) end = put(end, parts[i]);
  *end++ = ',';
  return (size_t)(end - to);
}

/* Reads "LENGTH:" with a length of at most max. How many bytes that is; 0: more to come; -1. */
static long length_take(size_t *length, char const *s, size_t len, size_t max)
{
  size_t i = 0;
  *length = 0;
  for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
    if (i == DIGITS_MAX || (i && s[0] == '0')) return -1;
    *length = 10 * *length + (size_t)(s[i] - '0');
  }
  if (*length > max || (i < len && (!i || s[i] != ':'))) return -1;
  return i < len ? (long)i + 1 : 0;
}

static long take(struct field *f, char const *s, size_t len, size_t max)
{
  long head = length_take(&f->len, s, len, max);
  if (head <= 0) return head;
  f->s = s + head;
  if (len - (size_t)head < f->len + 1) return 0;
  return f->s[f->len] == ',' ? head + (long)f->len + 1 : -1;
}

static bool take_parts(struct field *parts, size_t count, struct field from)
{
  for (size_t i = 0; i < count; i++) {
    long n = take(parts + i, from.s, from.len, from.len);
    if (n <= 0) return false;
    from.s += n;
    from.len -= (size_t)n;
  }
  return !from.len;
}

long netstrings_unpack(struct field *parts, size_t count, char const *s, size_t len, size_t max)
{
  struct field all;
  long n = take(&all, s, len, max);
  if (n <= 0) return n;
  return (size_t)n <= max && take_parts(parts, count, all) ? n : -1;
}
