/* text: strings that cannot fail.

   Each call does what its counterpart in bytes.h does; when memory is gone it is memory_gone (memory.h) that says whether the
   program ends, as it does unless told otherwise, or waits. */

#ifndef MAILTREE_TEXT_H
#define MAILTREE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/types.h>

#include "bytes.h"
#include "memory.h"

static inline void text_room(stralloc *to, size_t more)
{
  while (!bytes_room(to, more)) memory_gone();
}

static inline void text_addb(stralloc *to, char const *s, size_t len)
{
  while (!bytes_addb(to, s, len)) memory_gone();
}

static inline void text_add(stralloc *to, char const *s)
{
  while (!bytes_add(to, s)) memory_gone();
}

static inline void text_addc(stralloc *to, char c)
{
  while (!bytes_addc(to, c)) memory_gone();
}

static inline void text_addx(stralloc *to, stralloc const *more)
{
  while (!bytes_addx(to, more)) memory_gone();
}

static inline void text_addu(stralloc *to, uint64_t number)
{
  char digits[UINT64_FMT];
  text_addb(to, digits, uint64_fmt(digits, number));
}

static inline void text_setb(stralloc *to, char const *s, size_t len)
{
  while (!bytes_setb(to, s, len)) memory_gone();
}

static inline void text_set(stralloc *to, char const *s)
{
  while (!bytes_set(to, s)) memory_gone();
}

/* A NUL behind the text, counted. */
static inline void text_end(stralloc *to)
{
  while (!bytes_end(to)) memory_gone();
}

/* Puts a NUL after the text without counting it, so that to->s can be used as a C string. */
static inline char *text_z(stralloc *to)
{
  while (!bytes_z(to)) memory_gone();
  return to->s;
}

#endif
