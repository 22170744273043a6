/* verb_ask: one request of qmail-qctl to whoever can do it: the running qmail-send, or, when none runs, ourselves, with
   lock/sendmutex held so that none starts before we end. */

#ifndef MAILTREE_VERB_ASK_H
#define MAILTREE_VERB_ASK_H

#include <stdbool.h>

#include "verb_wire.h"

/* Asks again when qmail-send dies meanwhile: every verb done twice is done once. With VERB_FAILED errno tells why, 0 when
   its log does. Ends the program when nobody can be asked. */
/* VERB_LOOK: asks only if qmail-send listens. False without an answer. */
bool verb_look(struct verb_request const *r, struct verb_answer *a);

struct verb_answer verb_ask(struct verb_request const *r);

#endif
