/* qlist_text: what a message asks of a list that is a .qmail file, and that file with an address more or less. Pure. */

#ifndef MAILTREE_DOTQMAIL_QLIST_TEXT_H
#define MAILTREE_DOTQMAIL_QLIST_TEXT_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { QLIST_ADDRESS_MAX = 100 };     /* bytes of an address */

enum qlist_wish { QLIST_NOTHING, QLIST_SUBSCRIBE, QLIST_UNSUBSCRIBE };

/* By the last line of the body that begins with subs or unsu, in any case; where none does, by the subject. */
enum qlist_wish qlist_wish(struct field body, struct field subject);

/* Whether the address can have a line of its own, so that mail goes there and to nobody else, and the file stays one that
   qmail-local follows. */
bool qlist_is_fit(struct field address);

/* Appends the file so that it has a line of the address, "&joe@example.net", or none, in whatever case; all other lines stay. False:
   so it is already, and nothing is appended. */
bool qlist_edit(stralloc *to, struct field file, struct field address, bool shall_have);

#endif
