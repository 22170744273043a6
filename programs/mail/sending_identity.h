/* sending_identity: as whom this host sends a message: what it calls itself, and from which of its addresses it comes.

   qmail-send finds that by the sender's domain in control/domainhelohosts, domainbindings and outgoingip, and hands it on as a
   text, which qmail-remote reads: the name, a newline, addresses. Either may be empty. What no file speaks of has no text at
   all. */

#ifndef MAILTREE_SENDING_IDENTITY_H
#define MAILTREE_SENDING_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/ip46.h>
#include <skalibs/stralloc.h>

#include "fields.h"
#include "nameset.h"

/* How a program that delivers gets the text, at its start. */
#define SENDING_IDENTITY_VARIABLE "QMAILIDENTITY"

enum {
  SENDING_IDENTITY_MAX = 1000,      /* bytes of the text */
  SENDING_HELO_MAX = 255
};

/* What the control files say. */
struct sending_identities {
  struct nameset helohosts;         /* sender's domain:name */
  struct nameset bindings;          /* sender's domain:addresses */
  stralloc outgoingip;              /* addresses for those without a line, and for a family that a line does not name */
};

/* Replaces the text by that of a sender; empty: nothing is said of him. A line is that of his domain, of its suffixes
   that begin with a dot, or of the empty name; of the null sender it is that of "<>", or of the empty name. 1, or 0 without
   memory. */
int sending_identity_find(stralloc *text, struct sending_identities const *all, char const *sender);

void sending_identities_free(struct sending_identities *all);

enum { SENDING_IP4, SENDING_IP6, SENDING_FAMILIES };

struct sending_identity {
  struct field helo;                            /* empty: nothing is said of it */
  bool is_bound[SENDING_FAMILIES];              /* to this address: */
  ip46 source[SENDING_FAMILIES];
};

/* Reads such a text. False when it makes no sense: the name cannot be said, or something is no address. */
bool sending_identity_read(struct sending_identity *identity, char const *s, size_t len);

/* The part of addresses: with blanks or commas between them, of which the first of each family counts. 0.0.0.0 and :: leave
   the choice to the system. */
bool sending_sources_read(struct sending_identity *identity, char const *s, size_t len);

#endif
