/* store_choice: which back end keeps the users of a domain: HOME/control/usersbackend, qmail-control(5).

     sqlite                 all domains, but for
     example.net:cdb        this one

   Without the file all are kept by cdb. */

#ifndef MAILTREE_STORE_CHOICE_H
#define MAILTREE_STORE_CHOICE_H

#include "fields.h"
#include "store.h"

enum { STORE_CHOICE_MAX = 8 << 20 };      /* bytes of the file */

/* What the text says of this domain: of lines that speak for it the last, of those for all the last. Null: it names none
   that there is. Pure. */
struct store const *store_choice_parse(char const *s, size_t len, struct field domain);

/* Which of the servers the text names, one after the other: call with *at 0 first. Null: no more. Pure. */
struct store const *store_choice_next(char const *s, size_t len, size_t *at);

/* The text of the file, appended. 1, 0 when there is none, -1 with errno. */
int store_choice_read(stralloc *to);

/* The store of the domain. Never null: when nobody can tell, with errno, it is one that has nothing but trouble. */
struct store const *store_of(char const *domain);
extern struct store const store_unknown;

#endif
