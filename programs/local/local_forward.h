/* local_forward: send the message on to other addresses, in one injection. */

#ifndef MAILTREE_LOCAL_FORWARD_H
#define MAILTREE_LOCAL_FORWARD_H

#include "local_mail.h"

/* Adds an address; it is sent to by forward_send. */
void forward_add(char const *address, size_t len);

/* How many were added. */
size_t forward_count(void);

/* Sends and returns "qp"; a refusal of the queue ends the program with 100 or 111. */
unsigned long forward_send(struct local_mail const *m);

#endif
