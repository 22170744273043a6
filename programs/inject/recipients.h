/* recipients: who receives the message, each address once however often it is named. */

#ifndef MAILTREE_RECIPIENTS_H
#define MAILTREE_RECIPIENTS_H

#include <stddef.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

struct recipients {
  stralloc text;            /* each with a NUL behind it */
  genalloc begins;          /* size_t, where each begins in text */
};
#define RECIPIENTS_ZERO { STRALLOC_ZERO, GENALLOC_ZERO }

/* An empty address is none. */
void recipients_add(struct recipients *r, char const *s, size_t len);

static inline size_t recipients_count(struct recipients const *r) { return genalloc_len(size_t, &r->begins); }

static inline char const *recipients_get(struct recipients const *r, size_t i)
{
  return r->text.s + genalloc_s(size_t const, &r->begins)[i];
}

/* Of equal addresses, the case of the domain aside, leaves the first. The others keep their order. */
void recipients_unite(struct recipients *r);

#endif
