/* memory: memory that one gets, or the program is at its end.

   What is done when there is none is one decision of a whole program: memory_gone. As it begins it ends the program; a
   long-lived one puts there, first of all, what waits, and one that owes somebody an answer what answers and ends. When it comes
   back, what was wanted is tried again. */

#ifndef MAILTREE_MEMORY_H
#define MAILTREE_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

#include "die.h"

/* die_nomem, until somebody puts another one there. */
extern void (*memory_gone)(void);

/* So many things of this size, all zero. */
static inline void *memory_zeroed(size_t count, size_t size)
{
  void *fresh;
  while (!(fresh = calloc(count, size))) memory_gone();
  return fresh;
}

/* The same place, or another one, for so many; what is new is not zero. */
static inline void *memory_resized(void *old, size_t count, size_t size)
{
  void *fresh;
  while (!(fresh = reallocarray(old, count, size))) memory_gone();
  return fresh;
}

#endif
