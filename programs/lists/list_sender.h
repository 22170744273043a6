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

/* Appends an address as it can stand in a header field: quoted where it must be; for what no address has, and might end the line,
   a '?'. Pure. */
void list_sender_written(stralloc *to, struct field address);

/* The way back, of what stands between < and > in a Return-Path: unquoted, where it is quoted. Replaces *to. Pure. */
void list_sender_read(stralloc *to, struct field written);

#endif
