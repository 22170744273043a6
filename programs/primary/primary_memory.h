/* primary_memory: what was said of addresses and domains, and when. A table of one size in a file, HOME/primary/memory, that all workers have
   mapped: it outlives a restart, and is never waited for. What is only half written, by two at once or at a power cut, is not
   there, since each entry has a checksum. Names are there as digests. */

#ifndef MAILTREE_PRIMARY_MEMORY_H
#define MAILTREE_PRIMARY_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"
#include "primary.h"

#define MEMORY_PLACE "primary/memory"

enum { MEMORY_SETS = 8192, MEMORY_WAYS = 8, MEMORY_ENTRY = 32 };      /* 65536 names, 2 MiB */

struct memory_name { unsigned char digest[16]; };

struct memory_said {
  enum primary_said said;
  uint32_t when;                /* seconds since 1970 */
};

/* Maps the file, which is made where it is not there or has another size. Without a file, after a warning, what is remembered ends with
   the service. False without memory. */
bool memory_open(void);

/* The same name in whatever case. */
struct memory_name memory_name_of(struct field name);

bool memory_find(struct memory_said *to, struct memory_name const *name);

/* In place of what was said before, or of the oldest of those that share its place. */
void memory_note(struct memory_name const *name, enum primary_said said, uint32_t now);

#endif
