/* send_defer: why recipients wait, noted for qmail-qctl (deferral.h). */

#ifndef MAILTREE_SEND_DEFER_H
#define MAILTREE_SEND_DEFER_H

#include <stddef.h>

#include "send_message.h"

/* The host may be empty. What cannot be noted is not: nothing depends on it. */
void deferral_note(struct message *m, size_t offset, char const *host, char const *text, size_t len);

/* The message ends. */
void deferrals_forget(struct message const *m);

#endif
