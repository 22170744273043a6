/* pairs: files that have a name and a password's hash in each line: users/poppasswd, htpasswd, passwd, shadow.

     joe:$1$salt$hash
     joe@example.net $1$salt$hash

   A colon or blanks stand between them, and what follows the hash behind a colon or a blank is passed over. Pure. */

#ifndef MAILTREE_VDOMAINS_PAIRS_H
#define MAILTREE_VDOMAINS_PAIRS_H

#include <stddef.h>

#include "fields.h"

enum { PAIRS_LINE_MAX = 1024 };     /* bytes of a line */

struct pair { struct field name, domain, hash; };       /* domain: what is behind an '@', or empty */

enum pair_result { PAIR_FOUND, PAIR_DAMAGED /* a line without name or hash, or too long */, PAIR_END };

/* Reads the line that begins at *at and moves *at behind it; empty lines and comments are passed over. Of a damaged line
   name is what there is. */
enum pair_result pairs_next(struct pair *to, char const *s, size_t len, size_t *at);

#endif
