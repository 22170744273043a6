/* usage: what addresses, logins and domains have done lately. Pure but for its memory, of which hardly any is touched while few
   are known. A table has room for 8192 of each of the three; who has done least is forgotten first, so that a flood of new
   names pushes out nobody who is near a limit. */

#ifndef MAILTREE_LIMITS_USAGE_H
#define MAILTREE_LIMITS_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limit_set.h"
#include "limit_wire.h"
#include "window.h"

enum { USAGE_KEY = 32, USAGE_SETS = 1024, USAGE_WAYS = 8 };

struct usage {
  uint64_t mark;                /* another name in its place has another one; 0: nobody */
  uint64_t told;                /* when it last came to a limit and the log was told */
  struct limits limits;         /* what it was last held against */
  uint8_t name_len;
  char name[LIMIT_NAME_MAX];
  struct window windows[LIMIT_WHATS][LIMIT_PERIODS];
};

struct usages {
  char key[USAGE_KEY];          /* random, set before the first use: nobody can choose names that share a set */
  bool is_used[LIMIT_SUBJECTS][USAGE_SETS];       /* sets in which nobody ever was are not even looked at */
  struct usage entries[LIMIT_SUBJECTS][USAGE_SETS][USAGE_WAYS];
};

/* Null when he is not known. Names are the same without regard to case. */
struct usage *usage_find(struct usages *all, enum limit_subject subject, struct field name);

/* Null when the name is longer than LIMIT_NAME_MAX, or empty. */
struct usage *usage_find_or_make(struct usages *all, enum limit_subject subject, struct field name, uint64_t t);

void usage_add(struct usage *u, enum limit_what what, uint64_t t, uint32_t n);
void usage_take_back(struct usage *u, enum limit_what what, uint64_t t, uint32_t n);

/* How many more of what he may; LIMIT_ALL: no limit. */
uint32_t usage_room(struct usage const *u, struct limits const *l, enum limit_what what, uint64_t t);

/* The seconds until n more of what are within all limits, and in *period that which has him wait longest. */
uint32_t usage_wait(struct usage const *u, struct limits const *l, enum limit_what what, uint64_t t, uint32_t n,
                    enum limit_period *period);

/* Whether he has done nothing within a day. */
bool usage_is_idle(struct usage const *u, uint64_t t);

/* The next, *at counting on from 0, and which subject it is. Null at the end. */
struct usage *usage_next(struct usages *all, enum limit_subject *subject, size_t *at);

#endif
