/* threads: the threads of a month in an archive, as archive/threads/YYYYMM has them: a line for each,
   "LAST:HASH [MESSAGES] SUBJECT", by the last message. Pure. */

#ifndef MAILTREE_LISTS_THREADS_H
#define MAILTREE_LISTS_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include "fields.h"
#include "surf.h"

struct thread { uint64_t last, messages; char hash[SURF_LETTERS]; size_t subject, subject_len; };

struct threads {
  genalloc list;                /* struct thread */
  stralloc subjects;
  uint32_t *places;             /* by hash: 1 + an index into list, 0: nobody */
  size_t size;                  /* of places, a power of two */
};
#define THREADS_ZERO { .list = GENALLOC_ZERO }

/* Reads one line of the file; false: it is none. */
bool threads_line(struct thread *to, struct field *subject, struct field line);

/* Adds what the file has; lines that are none are passed over. */
void threads_read(struct threads *t, struct field text);

/* A message. One that is not newer than its thread is there already. */
void threads_add(struct threads *t, uint64_t number, struct field hash, struct field subject);

/* Appends the file. */
void threads_write(stralloc *to, struct threads *t);

void threads_forget(struct threads *t);

/* Year and month of the date of a message, as 202511; 0: it has none that can be read. */
unsigned threads_month(struct field date);

#endif
