/* send_control: the verbs of qmail-qctl on the running system (verb_wire.h).

   Each connection has one request at a time, about one message. It claims the message, so that no pass begins, stops
   the passes under way, and waits until qmail-clean has answered what was asked before: then the file tells truly who
   is to do. What is under way to a spawner stays under way, and its report counts as always. The asker hears of it
   when the change is durable. */

#ifndef MAILTREE_SEND_CONTROL_H
#define MAILTREE_SEND_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/iopause.h>

#include "clean.h"
#include "send_message.h"

enum { CONNECTIONS = 8, CONTROL_PLACES = 1 + CONNECTIONS };

/* Makes the socket. Without it, which the log tells, all else works. */
void control_begin(void);

/* What to wait for, and what has come. When qmail-send is stopping, connections end. */
void control_wait_for(iopause_fd x[CONTROL_PLACES]);
void control_receive(iopause_fd const x[CONTROL_PLACES]);

/* Does what can be done. True when it changed something. */
bool control_run(void);

/* The end of the patience with the most silent peer. */
uint64_t control_next(void);

/* qmail-clean has answered a request about this message. */
void control_answered(struct message *m, enum clean_deed deed, bool ok);

#endif
