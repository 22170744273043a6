/* own_sender: whether who has logged in may send as this address. His own are those whose mail comes to him; others are
   allowed by lines of control/senders. */

#ifndef MAILTREE_SMTP_OWN_SENDER_H
#define MAILTREE_SMTP_OWN_SENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

enum own_sender { SENDER_OWN, SENDER_OF_ANOTHER, SENDER_UNKNOWN /* errno: it cannot be told now */ };

enum own_sender own_sender(struct field login, struct field address);

/* Whether one of these lines, LOGIN:ADDRESS, allows it. For a login user@domain @domain stands for all of its users, * for
   everybody; for an address @domain for all of the domain, * for every one. Pure. */
bool own_sender_is_allowed(char const *lines, size_t len, struct field login, struct field address);

#endif
