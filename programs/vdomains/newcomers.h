/* newcomers: users of elsewhere who are to become users of a virtual domain, with the hashes of their passwords. */

#ifndef MAILTREE_VDOMAINS_NEWCOMERS_H
#define MAILTREE_VDOMAINS_NEWCOMERS_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct newcomer { struct field name, domain, hash, comment; };       /* domain: empty, or the only one he belongs to */

struct newcomers {
  struct newcomer *all;
  size_t count, room;
  stralloc text;            /* what they were read from */
};
#define NEWCOMERS_ZERO { .all = 0, .text = STRALLOC_ZERO }

/* Those of a file of pairs.h. Lines that are none are told of on descriptor 2; their number is returned. Ends the program
   when the file cannot be read. */
size_t newcomers_of_pairs(struct newcomers *to, char const *path);

/* "skipping NAME: WHY", or without why. */
void newcomers_skip(struct field name, char const *why);

/* The people of /etc/passwd, with their hashes in /etc/shadow. "skipping NAME" for who has none, and for accounts that are
   no person's. */
void newcomers_of_accounts(struct newcomers *to);

#endif
