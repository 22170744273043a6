/* send_intake: how qmail-send learns of messages: the trigger, and scans of mess/. */

#ifndef MAILTREE_SEND_INTAKE_H
#define MAILTREE_SEND_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "queue_message.h"
#include "send_message.h"

/* ---- the trigger ---- */

/* At the start; every later scan opens it anew, in case the FIFO was replaced. */
void trigger_open(void);

/* Now and then: when the name leads to our FIFO no longer, a new one is opened, or made by qmail-clean. */
void trigger_check(void);
uint64_t trigger_next(void);
void trigger_made(void);

/* The descriptor to wait for reading on; -1 when there is none. */
int trigger_fd(void);

void trigger_read(void);

/* Takes in announced messages, a few at a time. True when more wait. */
bool announced_run(void);

/* ---- scans ---- */

/* The next names of a scan that is due or under way. True when more could be done at once. */
bool scan_run(void);

uint64_t scan_next(void);

/* Everything that a scan under way is still to find will be due at once, and what nobody has announced is looked for. */
void scan_all_due(void);

/* ---- one message ---- */

/* Opens an UNSEEN message and plans it by what its file says. */
void take_in(struct message *m);

/* Children that were at work on bounces have ended, and the log has told of that. */
void bounces_over(unsigned children);

/* The message of this number, looked at; null when there is none or it cannot be read now. */
struct message *message_wanted(uint64_t id);

enum message_opening {
  OPENING_DONE,       /* the caller closes */
  OPENING_LATER,      /* not possible now, a warning is given; the caller plans the next try */
  OPENING_GONE        /* the message is no longer the caller's: forgotten or planned anew */
};

/* Opens a message for a pass. */
enum message_opening message_open(struct message *m, struct queue_message *q);

/* The envelope of the open message, as of queue_message_envelope. Damage to a mark is told. */
enum queue_read_result message_envelope(struct message const *m, struct queue_message *q, stralloc *envelope);

/* Makes sure that the open message is durable and whole, which costs once what a scan found. Otherwise closes it. */
enum message_opening message_sure(struct message *m, struct queue_message *q);

/* The file is damaged: out of the way with it. */
void message_damaged(struct message *m);

/* Whether a pass is under way. */
bool message_busy(struct message const *m);

/* Looks at messages that are due for it. True when more could be done at once. */
bool chores_run(void);

uint64_t chores_next(void);

#endif
