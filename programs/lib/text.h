/* text: strings that cannot fail, for programs that live for one message or one connection.

   Each call does what its skalibs stralloc counterpart does; when memory is gone the program
   ends with "fatal: out of memory" and exit 111. Daemons use the checked stralloc calls instead. */

#ifndef MAILTREE_TEXT_H
#define MAILTREE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>
#include <skalibs/types.h>

#include "die.h"

static inline void text_addb(stralloc *to, char const *s, size_t len)
{
  if (!stralloc_catb(to, s, len)) die_nomem();
}

static inline void text_add(stralloc *to, char const *s)
{
  if (!stralloc_cats(to, s)) die_nomem();
}

static inline void text_addc(stralloc *to, char c)
{
  if (!stralloc_append(to, c)) die_nomem();
}

static inline void text_addu(stralloc *to, uint64_t number)
{
  char digits[UINT64_FMT];
  text_addb(to, digits, uint64_fmt(digits, number));
}

static inline void text_set(stralloc *to, char const *s)
{
  to->len = 0;
  text_add(to, s);
}

static inline void text_setb(stralloc *to, char const *s, size_t len)
{
  to->len = 0;
  text_addb(to, s, len);
}

/* Puts a NUL after the text without counting it, so that to->s can be used as a C string. */
static inline char *text_z(stralloc *to)
{
  if (!stralloc_0(to)) die_nomem();
  to->len--;
  return to->s;
}

#endif
