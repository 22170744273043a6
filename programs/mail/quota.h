/* quota: how much a mailbox may hold, and whether it does. Pure.

     50M            a size: bytes, or with K, M or G, with or without B or S behind it
     1000C          messages
     50M,1000C      both, in any order
     NOQUOTA        no limit; as all that begins with NO, and as nothing at all */

#ifndef MAILTREE_QUOTA_H
#define MAILTREE_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  QUOTA_STORED_MAX = 20,            /* bytes of the text in a user's record */
  QUOTA_TEXT_SIZE = 48              /* of any text that quota_text writes, and a NUL */
};

static uint64_t const QUOTA_NUMBER_MAX = INT64_MAX;

struct quota { uint64_t bytes, messages; };               /* 0 is no limit */
struct quota_usage { uint64_t bytes, messages; };

/* False, and no limit, for what is no quota or has a number above QUOTA_NUMBER_MAX. */
bool quota_parse(struct quota *to, char const *s, size_t len);

/* Writes it as it is stored: "50000S", "1000C", "50000S,1000C" or "NOQUOTA", and a NUL. Returns its length. */
size_t quota_text(char to[QUOTA_TEXT_SIZE], struct quota const *q);

bool quota_is_none(struct quota const *q);
bool quota_same(struct quota const *a, struct quota const *b);

/* One more message; sizes that no disk has end at QUOTA_NUMBER_MAX. */
void quota_usage_add(struct quota_usage *to, uint64_t size);

/* Whether one more message of this size has room: a mailbox may be full to the last byte. */
bool quota_fits(struct quota const *limit, struct quota_usage const *usage, uint64_t size);

/* The larger one of the two percentages; 0 without limit. */
uint64_t quota_percent(struct quota const *limit, struct quota_usage const *usage);

#endif
