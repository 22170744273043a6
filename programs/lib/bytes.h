/* bytes: text that grows, held in a stralloc. Every call here sets the length itself; of skalibs only the memory
   is used (stralloc_ready, stralloc_free), since releases differ in what they do with a length of 0: 2.14.3 leaves
   the old text standing where 2.13 empties it.

   Each call returns 1, or 0 with errno ENOMEM and the text as it was. What is added must not lie in the text that
   grows, but for bytes_addx of a text to itself. text.h has the same for who cannot go on without. */

#ifndef MAILTREE_BYTES_H
#define MAILTREE_BYTES_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <skalibs/stralloc.h>

/* Room for len bytes in all, of which the present ones stay; to->s is not null afterwards. */
static inline int bytes_ready(stralloc *to, size_t len)
{
  if (to->s && to->a >= len && to->a) return 1;
  return stralloc_ready(to, len ? len : 1);
}

/* Room for more bytes behind the present ones. */
static inline int bytes_room(stralloc *to, size_t more)
{
  if (more > SIZE_MAX / 2 || to->len > SIZE_MAX / 2) return errno = ENOMEM, 0;
  return bytes_ready(to, to->len + more);
}

static inline int bytes_addb(stralloc *to, char const *s, size_t len)
{
  if (!bytes_room(to, len) || !to->s) return 0;
  if (len) memcpy(to->s + to->len, s, len);
  to->len += len;
  return 1;
}

static inline int bytes_add(stralloc *to, char const *s)
{
  return bytes_addb(to, s, strlen(s));
}

static inline int bytes_addc(stralloc *to, char c)
{
  return bytes_addb(to, &c, 1);
}

static inline int bytes_addx(stralloc *to, stralloc const *more)
{
  size_t const len = more->len;
  if (!bytes_room(to, len)) return 0;
  return bytes_addb(to, more->s, len);
}

static inline int bytes_setb(stralloc *to, char const *s, size_t len)
{
  if (!bytes_ready(to, len)) return 0;
  to->len = 0;
  return bytes_addb(to, s, len);
}

static inline int bytes_set(stralloc *to, char const *s)
{
  return bytes_setb(to, s, strlen(s));
}

static inline int bytes_setx(stralloc *to, stralloc const *from)
{
  return bytes_setb(to, from->s, from->len);
}

/* Puts in front of the byte at position at, which is to->len at most. */
static inline int bytes_insertb(stralloc *to, size_t at, char const *s, size_t len)
{
  if (!bytes_room(to, len)) return 0;
  memmove(to->s + at + len, to->s + at, to->len - at);
  if (len) memcpy(to->s + at, s, len);
  to->len += len;
  return 1;
}

/* A NUL behind the text, counted: the end of one string where several stand one behind the other. */
static inline int bytes_end(stralloc *to)
{
  return bytes_addb(to, "", 1);
}

/* A NUL behind the text, not counted, so that to->s can be used as a C string. */
static inline int bytes_z(stralloc *to)
{
  if (!bytes_end(to)) return 0;
  to->len--;
  return 1;
}

#endif
