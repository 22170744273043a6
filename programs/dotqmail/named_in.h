/* named_in: whether a message is written to somebody by name. Pure. */

#ifndef MAILTREE_DOTQMAIL_NAMED_IN_H
#define MAILTREE_DOTQMAIL_NAMED_IN_H

#include <stdbool.h>

#include "fields.h"
#include "mail_header.h"

/* Whether To, Cc, Bcc or one of their Resent- forms holds the address, in any case, and not as a part of another one. */
bool named_in(struct mail_header const *header, struct field address);

#endif
