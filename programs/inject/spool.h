/* spool: a message that is read before its length is known: a small one in memory, a large one in a file without a name. */

#ifndef MAILTREE_INJECT_SPOOL_H
#define MAILTREE_INJECT_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SPOOL_MEMORY = 262144 };

struct spool {
  uint64_t size;
  int fd;                     /* -1: all of it is in memory */
  size_t used;                /* of it; with a file, what is not yet there */
  char memory[SPOOL_MEMORY];
};

void spool_begin(struct spool *s);

/* All that comes from the descriptor. False with errno; *is_ours: the file is in trouble, not who writes. */
bool spool_read(struct spool *s, int from, bool *is_ours);

/* The bytes from `at` on, which stay until the next call: how many; 0 at the end, -1 errno. */
ssize_t spool_at(struct spool *s, uint64_t at, char const **bytes);

#endif
