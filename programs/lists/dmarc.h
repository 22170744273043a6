/* dmarc: whether other hosts refuse mail of an author that comes by way of a list: his domain says so (RFC 7489). */

#ifndef MAILTREE_DMARC_H
#define MAILTREE_DMARC_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { DMARC_LIFE = 3600, DMARC_CACHE_MAX = 32768, DMARC_SECONDS = 20 };

enum dmarc { DMARC_OPEN, DMARC_STRICT, DMARC_UNKNOWN };

/* Whether the text is a policy, and refuses: p is reject or quarantine. Pure. */
enum dmarc dmarc_policy(struct field text);

/* Appends the domain of the first address of a field From, in lower case. False: there is none. Pure. */
bool dmarc_domain(stralloc *to, struct field from);

/* What is remembered of domains: lines "TIME 0 or 1, DOMAIN". Pure. */
bool dmarc_recall(enum dmarc *to, struct field memory, struct field domain, uint64_t now);
void dmarc_remember(stralloc *to, struct field memory, struct field domain, enum dmarc policy, uint64_t now);

/* Asks the list's memory, the file dmarc, then the name servers. */
struct dmarc_answer { enum dmarc policy; bool is_new; };
struct dmarc_answer dmarc_ask(struct field domain);

/* Puts a new answer into the file, if that can be; the list is locked. */
void dmarc_keep(struct field domain, struct dmarc_answer answer);

#endif
