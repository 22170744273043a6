/* spawn_message: the message of a delivery, copied out of its queue file.

   The file also holds envelope and footer, which are nobody's business. So a delivery sees a copy: in memory if the message
   is small, else on disk; where no disk takes it, in memory all the same, within bounds of its own. */

#ifndef MAILTREE_SPAWN_MESSAGE_H
#define MAILTREE_SPAWN_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "delivery_wire.h"
#include "queue_message.h"

enum {
  SPAWN_SLOTS = WIRE_SLOTS_MAX + WIRE_QUESTIONS_MAX,
  SPAWN_MESSID_MAX = 100,              /* bytes of a message's name */
  SPAWN_MEMORY_EACH = 1 << 20,         /* bytes of a message that is copied into memory, not to disk */
  SPAWN_MEMORY_ALL = 64 << 20,         /* the same for all running deliveries together */
  SPAWN_RESORT_EACH = 32 << 20,        /* the same when no disk takes it */
  SPAWN_RESORT_ALL = 128 << 20
};

struct spawn_copies {
  size_t in_memory;                    /* bytes of SPAWN_MEMORY_ALL that are taken */
  struct spawn_copy {
    bool failed;
    uint32_t resort;                   /* bytes of SPAWN_RESORT_ALL that are its */
  } *of_slot;                          /* shared with children until they exec: it is they who copy */
};

/* False with errno. */
bool spawn_copies_begin(struct spawn_copies *copies);

/* The copy that the slot's child makes: nothing is known of it; it cannot be made, says the child; whether it could not. */
void spawn_copy_forget(struct spawn_copies *copies, size_t slot);
void spawn_copy_fail(struct spawn_copies *copies, size_t slot);
bool spawn_copy_failed(struct spawn_copies const *copies, size_t slot);

/* The bytes in memory that this message now has, to be given back by an end of as many; 0: it has to go elsewhere. */
size_t spawn_memory_take(struct spawn_copies *copies, uint64_t len);
void spawn_memory_give_back(struct spawn_copies *copies, size_t len);

/* The same for a message that no disk takes, by the child that serves the slot. */
bool spawn_resort_take(struct spawn_copies *copies, size_t slot, uint64_t len);

/* Opens the queue file, in queue/mess, if it is one and belongs to owner. Null, or what is to be reported. */
char const *spawn_message_open(struct queue_message *m, char const *messid, uid_t owner);

/* A new file in memory, or -1; all of the message into a file; the file again, at its start and for reading only. */
int spawn_message_new(void);
bool spawn_message_copy(int to, struct queue_message const *m);
int spawn_message_reopen(int fd);

/* For the child that serves the slot: a descriptor with the message alone, at its start, for reading only; or -1. */
int spawn_message_alone(struct spawn_copies *copies, size_t slot, struct queue_message const *m, bool in_memory);

#endif
