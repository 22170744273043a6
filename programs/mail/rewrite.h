/* rewrite: complete one address with the host and domains of this system. */

#ifndef MAILTREE_REWRITE_H
#define MAILTREE_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "addrlist.h"
#include "token.h"

struct rewrite_rules {
  stralloc host;            /* for addresses without @ */
  stralloc domain;          /* for hosts without a dot */
  stralloc plus;            /* for hosts that end in + */
  /* Whether mail for a host without a dot, of this address, stays here as it is written; null: never. */
  bool (*is_ours)(stralloc const *address);
  /* Replaces a completed address by the one that is to stand in its place, if there is one; null: there never is. */
  bool (*instead)(stralloc *address);
};

/* Appends an address of the list, completed: as it may stand in a header, and as the envelope wants it, without
   quotes. A domain beyond ASCII becomes what DNS calls it. Either may be null. */
void rewrite_address(stralloc *header, stralloc *envelope, struct rewrite_rules const *rules,
                     struct token const *tokens, struct addrlist_span span);

/* Replaces *raw by an address of the list that is not completed, in the form that rewrite_raw takes. */
void rewrite_plain(stralloc *raw, struct token const *tokens, struct addrlist_span span);

/* Replaces both by the completed form of a raw address, "a b@c" for "a b"@c, as it comes on a command line or from
   the environment. One pair of <> around it is taken off. False when its domain is not one, or when it contains
   CR, LF or NUL. */
bool rewrite_raw(stralloc *header, stralloc *envelope, struct rewrite_rules const *rules, char const *s, size_t len);

#endif
