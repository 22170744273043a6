/* send_recipients: an envelope in memory, each recipient of which has been routed, once.

   What the first look at a message finds is kept until its first passes begin, as far as memory for a few messages
   goes, so that they ask nobody again. What was found by control files that have been read again since does not count
   any more: then each recipient is routed when it is his turn. */

#ifndef MAILTREE_SEND_RECIPIENTS_H
#define MAILTREE_SEND_RECIPIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "route.h"
#include "send_message.h"

struct recipients {
  stralloc envelope;            /* in it the letter of a recipient who is to do tells where he goes */
  stralloc rewritten;           /* the addresses that differ from their recipients, NUL-terminated, in the same order */
  uint32_t todo[CHANNELS];
  uint64_t toward[CHANNELS];    /* as of a message */
  unsigned tables;              /* tables_read when they were routed */
  unsigned users;
  struct recipients *next;      /* of the spare ones */
};

/* The text of the first record with this letter. */
char const *envelope_text(stralloc const *envelope, char letter, char const *otherwise);

/* Nobody yet: the caller reads an envelope, as of queue_message_envelope, and has its recipients routed. */
struct recipients *recipients_new(void);
void recipients_route(struct recipients *r);

/* Asks once more what the recipients of the channel have in common. */
void recipients_meet(struct recipients *r, enum channel c);

/* Another user, and one less. */
struct recipients *recipients_share(struct recipients *r);
void recipients_leave(struct recipients *r);

/* Keeps them for the passes of the message, as far as there is room. What is asked of qmail-clean about the message
   ends that (m->kept): the file may say otherwise then. */
void recipients_keep(struct message *m, struct recipients *r);

/* Those that are kept, shared; null when there are none, or none that count. */
struct recipients *recipients_kept(struct message const *m);

/* Whether they were routed by the control files that count now. */
bool recipients_current(struct recipients const *r);

struct recipient {
  size_t offset;                /* of his record in the envelope */
  char const *address;          /* where he goes; when they are not current, good until the next call */
  size_t address_len;
};

struct recipients_at { size_t record, rewritten; };

/* The next one of the channel; *at is 0, 0 in the beginning. */
bool recipients_next(struct recipients const *r, enum channel c, struct recipients_at *at, struct recipient *next);

/* Replaces *address by where a recipient goes, by the control files that count now. */
enum channel recipient_route(stralloc *address, char const *recipient, size_t len);

#endif
