/* list_sender: who sent what a program of lists has before it, by SENDER. */

#ifndef MAILTREE_LIST_SENDER_H
#define MAILTREE_LIST_SENDER_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "fields.h"

/* The address behind a rewritten envelope sender (SRS0, SRS1, prvs, btv1); what is none of them as it is. Appends. Pure. */
void list_sender_plain(stralloc *to, struct field sender);

/* Whether answers to it go nowhere: empty or #@[]; whether it names no host. */
bool list_sender_is_bounce(struct field sender);
bool list_sender_is_anonymous(struct field sender);

#endif
