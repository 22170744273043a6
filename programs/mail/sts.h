/* sts: by which servers a domain wants its mail taken, and how surely (MTA-STS, RFC 8461): the record that says there is a policy, and
   the policy. Pure. */

#ifndef MAILTREE_STS_H
#define MAILTREE_STS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"

enum {
  STS_ID_MAX = 32,
  STS_POLICY_MAX = 65536,       /* bytes of a policy that are read */
  STS_PATTERNS_MAX = 4096,      /* bytes of its servers, each with a NUL behind it */
  STS_AGE_MIN = 300,            /* seconds that it holds, whatever it says, */
  STS_AGE_MAX = 31557600        /* and at most */
};

enum sts_mode { STS_NONE, STS_TESTING, STS_ENFORCE, STS_MODES };

extern char const *const sts_modes[STS_MODES];

struct sts_policy {
  enum sts_mode mode;
  uint32_t max_age;             /* seconds from when it was fetched */
  size_t len;
  char patterns[STS_PATTERNS_MAX];      /* "mx.example.net", or "*.example.net", each with a NUL behind it */
};

/* Whether it claims to be one: the text of one TXT record, its strings joined. */
bool sts_is_record(char const *s, size_t len);

/* Its id; false when there is none that is one. */
bool sts_record_id(struct field *id, char const *s, size_t len);

/* False when it is no policy that can be obeyed. */
bool sts_policy_read(struct sts_policy *p, char const *s, size_t len);

/* Whether a server is one of those: the name of its MX record. */
bool sts_allows(struct sts_policy const *p, char const *server);

#endif
