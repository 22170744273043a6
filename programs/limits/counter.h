/* counter: who may do how much now. A session is granted some of what is left to who sends in it, which counts as sent until it
   tells how much it was; the rest is taken back then. So many sessions of one at once are never granted more than there is. */

#ifndef MAILTREE_LIMITS_COUNTER_H
#define MAILTREE_LIMITS_COUNTER_H

#include "limit_set.h"
#include "limit_wire.h"
#include "usage.h"

enum {
  GRANT_SECONDS = 60,           /* how long what was granted may wait to be used */
  GRANT_MESSAGES = 64,          /* the most at once; of what is left a quarter, so that others of the same have some */
  GRANT_RECIPIENTS = 1024,
  COUNTER_TEXT_MAX = LIMIT_NAME_MAX + 80
};

/* What one session was granted and has not told of: of a login and a domain, or of an address. */
struct debt { struct usage *of; uint64_t mark; uint32_t messages, recipients; };
struct debts { struct debt each[2]; size_t count; };

struct counter {
  struct usages *usages;
  struct limit_set set;
  void (*reached)(char const *text, size_t len);        /* somebody has come to a limit, for the first time in an hour; or null */
};

/* The name by which an address is counted: itself, or of IPv6 its /64. False: it is none. */
struct address_name { struct network network; size_t len; char text[NETWORK_FMT]; };
bool counter_address(struct address_name *to, struct field address);

/* One question of a session at time t. The text of the answer lies in text. */
void counter_answer(struct counter *c, struct limit_answer *a, struct debts *d, struct limit_question const *q, uint64_t t,
                    char text[COUNTER_TEXT_MAX]);

/* Of what it was granted the session has used so much. Nothing is owed afterwards. */
void counter_settle(struct debts *d, uint32_t messages, uint32_t recipients, uint64_t t);

/* What was read back is held against the limits of those of no class, until it is asked about. */
void counter_hold_all(struct counter *c);

/* The lines of those who are near a limit or over it: three quarters of it. As many as there is room for. */
size_t counter_list(struct counter *c, char *to, size_t size, uint64_t t);

/* Forgets what this address, login or domain has done, or for an empty name all. How many they were. */
size_t counter_clear(struct counter *c, struct field name);

#endif
