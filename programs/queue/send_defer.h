/* send_defer: why recipients wait, noted for qmail-qctl (deferral.h). */

#ifndef MAILTREE_SEND_DEFER_H
#define MAILTREE_SEND_DEFER_H

#include <stdbool.h>
#include <stddef.h>

#include "send_message.h"

/* The host may be empty. What cannot be noted is not: nothing depends on it. */
void deferral_note(struct message *m, size_t offset, char const *host, char const *text, size_t len);

/* Whether the sender was told that the message waits, as far as the file knows. */
bool deferrals_told(struct message *m);

/* Notes that he was, or is to be again after all: durably, since he is told once. False when the machine will not. */
bool deferrals_tell(struct message *m, bool told);

/* The message ends. */
void deferrals_forget(struct message const *m);

#endif
