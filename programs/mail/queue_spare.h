/* queue_spare: files of the queue that are used again. A message that is done leaves its file, name and all; the next one of its size is
   written over it, and one flush of the device makes that durable: no name, size or inode changes, so no journal is committed.

   A spare file has "mailfree" in place of the footer's magic, and nobody takes it for a message. Files that can become spare have one of
   a few sizes; what a message leaves over is a record of the letter z in its envelope, which every reader passes over.

   qmail-clean makes files spare, and offers their numbers in a FIFO for each size, eight bytes each, in the order of this machine. Who
   takes a number locks its file, looks whether it is spare and has its name, and writes. Numbers are hints: one that leads nowhere, or to a
   message, costs a look. The FIFOs are empty when qmail-clean is gone; a spare file that nobody offers is removed by the next scan.

   The working directory is HOME/queue. */

#ifndef MAILTREE_QUEUE_SPARE_H
#define MAILTREE_QUEUE_SPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  QUEUE_SPARE_SIZES = 4,
  QUEUE_SPARE_LEAST = 8192, QUEUE_SPARE_MOST = 65536      /* bytes, each size twice the one before */
};

#define QUEUE_SPARE_MAGIC "mailfree"

/* lock/spare8, ...: the FIFO of a size, by its index. */
char const *queue_spare_fifo(size_t index);

/* The index of the smallest size that has room for so many bytes; QUEUE_SPARE_SIZES when none has. */
size_t queue_spare_index(uint64_t len);
size_t queue_spare_size(size_t index);

/* Whether files of the file system on which this one lies are written over in place. */
bool queue_spare_suits(int fd);

/* Whether that message is none: its file is there and spare. For who only looks. */
bool queue_spare_is(uint64_t id);

/* How many are offered of a size; 0 also for who may not look. */
size_t queue_spare_offered(size_t index);

/* A spare file of that size, open and locked, and its number; -1 when there is none. It is spare until its last bytes are written. */
int queue_spare_take(size_t index, uint64_t *id);

/* The file of a message that is done becomes spare, and is nobody's message any more; *index is of its size. False when it cannot be, since it
   has another size or a second name, or somebody reads it. */
bool queue_spare_make(uint64_t id, size_t *index);

/* Removes the file if it is spare and nobody has it. False with errno when it is there and cannot be removed. */
bool queue_spare_drop(uint64_t id);

#endif
