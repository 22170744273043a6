/* list_header: the header of a message that a program of lists has on descriptor 0. Each ends the program when it fails. */

#ifndef MAILTREE_LIST_HEADER_H
#define MAILTREE_LIST_HEADER_H

#include <stdbool.h>

#include <skalibs/buffer.h>

#include "list.h"
#include "mail_header.h"

/* Reads it; what is longer than MAIL_HEADER_MAX is refused. l may be null before a list is entered. */
void list_header_read(struct mail_header *h, struct list const *l, buffer *in);

/* The value of the first field of that name; empty where there is none. */
struct field list_header_value(struct mail_header const *h, char const *name);

/* Whether the field is called so, case aside. */
bool list_header_is(struct mail_header const *h, struct mail_header_field const *f, char const *name);

/* Whether a program has written it, or it is for many (RFC 3834 2): that gets no answer, and is nobody's consent. */
bool list_header_automatic(struct mail_header const *h);

/* Whether there is a field "Delivered-To: PART L@H", by which programs of this list know what they have seen before. */
bool list_header_marked(struct mail_header const *h, struct list const *l, char const *part);

#endif
