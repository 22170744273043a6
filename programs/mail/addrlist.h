/* addrlist: the grammar of an address list, read from right to left as mail users write it.

   `djb fred` is two addresses, `Joe (home) <joe@x>` one with a name, `friends: a, b;` a group. One pass over the
   tokens, one table of states, no recursion. */

#ifndef MAILTREE_ADDRLIST_H
#define MAILTREE_ADDRLIST_H

#include <stddef.h>

#include <skalibs/genalloc.h>

#include "token.h"

enum { ADDRLIST_MAX = 10000 };      /* addresses of one field */

/* Where an address lies among the tokens, first to end - 1; comments in between do not belong to it.
   Empty for <>, with first at the > itself. */
struct addrlist_span { size_t first, end; };

struct addrlist {
  genalloc tokens;          /* struct token, in order of appearance */
  genalloc spans;           /* struct addrlist_span, from right to left */
};
#define ADDRLIST_ZERO { GENALLOC_ZERO, GENALLOC_ZERO }

enum addrlist_result { ADDRLIST_OK, ADDRLIST_SYNTAX, ADDRLIST_DEPTH, ADDRLIST_TOO_MANY };

/* Reads the unfolded text, which must live as long as the list. Replaces what the list held. */
enum addrlist_result addrlist_parse(struct addrlist *list, char const *s, size_t len);

static inline size_t addrlist_count(struct addrlist const *list)
{
  return genalloc_len(struct addrlist_span, &list->spans);
}

static inline struct addrlist_span const *addrlist_span(struct addrlist const *list, size_t i)
{
  return genalloc_s(struct addrlist_span const, &list->spans) + i;
}

void addrlist_free(struct addrlist *list);

#endif
