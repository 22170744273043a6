/* maildirsize_text: what a ledger says, and whether it is believed. Pure.

     10485760S,1000C      the limit it was made for
     5000000 711          bytes and messages that were counted
     2048 1               what came since
     -2048 -1             what went */

#ifndef MAILTREE_MAILDIRSIZE_TEXT_H
#define MAILTREE_MAILDIRSIZE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "quota.h"

enum {
  MAILDIRSIZE_MAX = 5120,           /* bytes; a ledger that has so many is made anew */
  MAILDIRSIZE_FULL_AGE = 15 * 60,   /* seconds for which it may say that there is no room, if nothing changed since */
  MAILDIRSIZE_AGE = 24 * 3600       /* seconds for which it is believed at all */
};

struct maildirsize_text {
  struct quota limit;
  struct quota_usage usage;
  size_t lines;                     /* behind the first */
};

/* False if a line is none, the last is not ended, there is no line, or the sum is nothing that a mailbox can hold; the
   limit is told all the same, if the first line is one. */
bool maildirsize_text_parse(struct maildirsize_text *to, char const *s, size_t len);

struct maildirsize_times {
  time_t now, modified;
  time_t made;                      /* 0: not known */
};

/* Whether it can be believed that a mailbox with this limit has room, or has not, for a message of this size. */
bool maildirsize_text_holds(struct maildirsize_text const *t, struct quota const *limit, uint64_t size,
                            struct maildirsize_times const *times);

#endif
