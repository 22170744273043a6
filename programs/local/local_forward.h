/* local_forward: send the message on to other addresses, in one injection. */

#ifndef MAILTREE_LOCAL_FORWARD_H
#define MAILTREE_LOCAL_FORWARD_H

#include <stdbool.h>
#include <stddef.h>

#include "local_mail.h"

/* Adds an address; it is sent to by forward_send. */
void forward_add(char const *address, size_t len);

/* How many were added. */
size_t forward_count(void);

/* Sends and returns "qp"; a refusal of the queue ends the program with 100 or 111. alone: nothing else is done with the
   message. */
unsigned long forward_send(struct local_mail const *m, bool alone);

/* How a delivery ends that was nothing else, since whoever wishes to hear of success must learn who tells him: 0, or a
   code of local_exit.h. */
int forward_exit(struct local_mail const *m);

#endif
