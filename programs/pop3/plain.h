/* plain: the one message of the SASL mechanism PLAIN (RFC 4616): base64 of [other] NUL login NUL password. */

#ifndef MAILTREE_POP3_PLAIN_H
#define MAILTREE_POP3_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "credentials.h"

/* Decodes s in place; c then points into it, nothing is terminated. False when it is not base64, not of that form, or
   wants to act for somebody else than the one who logs in. */
bool plain_decode(struct credentials *c, char *s, size_t len);

#endif
