/* text: strings that cannot fail, for programs that live for one message or one connection.

   Each call does what its counterpart in bytes.h does; when memory is gone the program
   ends with "fatal: out of memory" and exit 111. Daemons use the checked calls instead. */

#ifndef MAILTREE_TEXT_H
#define MAILTREE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/types.h>

#include "bytes.h"
#include "die.h"

static inline void text_addb(stralloc *to, char const *s, size_t len)
{
  if (!bytes_addb(to, s, len)) die_nomem();
}

static inline void text_add(stralloc *to, char const *s)
{
  if (!bytes_add(to, s)) die_nomem();
}

static inline void text_addc(stralloc *to, char c)
{
  if (!bytes_addc(to, c)) die_nomem();
}

static inline void text_addu(stralloc *to, uint64_t number)
{
  char digits[UINT64_FMT];
  text_addb(to, digits, uint64_fmt(digits, number));
}

static inline void text_setb(stralloc *to, char const *s, size_t len)
{
  if (!bytes_setb(to, s, len)) die_nomem();
}

static inline void text_set(stralloc *to, char const *s)
{
  if (!bytes_set(to, s)) die_nomem();
}

/* Puts a NUL after the text without counting it, so that to->s can be used as a C string. */
static inline char *text_z(stralloc *to)
{
  if (!bytes_z(to)) die_nomem();
  return to->s;
}

#endif
