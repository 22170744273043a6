/* send_clean: qmail-send's side of the talk with qmail-clean (clean.h). Nothing here waits. */

#ifndef MAILTREE_SEND_CLEAN_H
#define MAILTREE_SEND_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clean.h"
#include "route.h"
#include "send_message.h"
#include "send_outbox.h"

extern struct outbox clean_requests;

/* Each counts in m->pending until it is answered. */
void ask_remove(struct message *m);
void ask_mark_done(struct message *m, size_t offset);
void ask_due(struct message *m, enum channel c, uint64_t when);
void ask_move_aside(struct message *m);
void ask_hold(struct message *m, bool on_hold);

/* Belong to no message. */
void ask_trigger(void);
void ask_drop(uint64_t id);

/* All that was asked before is to be durable when this is answered. */
void ask_sync(struct message *m);

struct clean_reply {
  struct message *message;      /* null: about the trigger, or a spare file */
  enum clean_deed deed;
  bool ok;
};

/* Reads answers, which then come one by one, in the order of the questions. False when qmail-clean is gone. */
bool clean_answers_read(int fd);
bool clean_answer_next(struct clean_reply *a);

#endif
