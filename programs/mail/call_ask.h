/* call_ask: for who calls for mail (call_wire.h). */

#ifndef MAILTREE_CALL_ASK_H
#define MAILTREE_CALL_ASK_H

#include "call_wire.h"

/* Waits for the answer, no longer than so many milliseconds. */
enum call_said call_ask(struct call const *c, uint32_t *messages, unsigned ms);

#endif
