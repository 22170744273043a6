/* sts_entry: what is known of the MTA-STS policy of a domain, as a file HOME/sts/DOMAIN: qmail-stsd writes it, qmail-remote reads it,
   also when qmail-stsd is away. Four netstrings in one: when to look anew, when the policy was fetched, its id, its text. Pure but
   for sts_entry_load.

   Who asks the service sends the domain and a line end to HOME/run/sts/socket, and hears one byte: sts_said. */

#ifndef MAILTREE_STS_ENTRY_H
#define MAILTREE_STS_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"
#include "sts.h"

#define STS_PLACE "sts"                 /* below HOME */
#define STS_SOCKET "run/sts/socket"

enum { STS_DOMAIN_MAX = 240, STS_ENTRY_MAX = STS_POLICY_MAX + 200 };

enum sts_said {
  STS_THERE = 'P',      /* its policy is in the file */
  STS_ABSENT = 'N',     /* it has none */
  STS_UNTOLD = 'T'      /* nobody can tell now */
};

struct sts_entry {
  uint32_t again, fetched;      /* seconds since 1970 */
  struct field id, text;
};

/* A domain as its file is called, in lower case without a dot at its end. False when it can have no policy: an address, or a name that
   is no host's. */
bool sts_domain(char name[STS_DOMAIN_MAX + 1], char const *domain);

/* Writes at most max bytes; how many, or 0 when it does not fit. */
size_t sts_entry_pack(char *to, size_t max, struct sts_entry const *e);

/* False when it is none. Texts lie in s. */
bool sts_entry_unpack(struct sts_entry *e, char const *s, size_t len);

/* Of a domain, from the directory; and its policy. False when there is none; with errno when
   it cannot be read now, and else 0. Working directory HOME. */
bool sts_entry_load(struct sts_entry *e, struct sts_policy *p, char bytes[STS_ENTRY_MAX], char const *name);

/* Whether its policy holds at that time. */
bool sts_entry_holds(struct sts_entry const *e, struct sts_policy const *p, uint64_t now);

#endif
