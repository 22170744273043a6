/* rule_address: whom a line of access rules speaks of, as the texts that tcpserver looks up for a client.

   tcpserver compares text: the client's address as it writes it, then what is left of it up to each dot or colon.
   An operator may write more than that: a.b.c.d/n, ranges, IPv6 in any spelling. All of it becomes such texts. */

#ifndef MAILTREE_RULE_ADDRESS_H
#define MAILTREE_RULE_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

enum {
  RULE_KEYS_MAX = 8192,       /* texts that one line may become */
  RULE_ADDRESS_MAX = 1000     /* bytes of what stands in front of allow or deny */
};

enum rule_verdict {
  RULE_GOOD,
  RULE_DEAD,        /* no client is ever called that */
  RULE_WRONG        /* it means something that the texts cannot say */
};

enum rule_needs { NEEDS_NOTHING = 0, NEEDS_NAME = 1, NEEDS_IDENT = 2 };

struct rule_address {
  stralloc keys;          /* a NUL behind each; of RULE_GOOD only */
  size_t count;
  unsigned bits;          /* how narrow the line is: of two for the same text the narrower counts */
  unsigned needs;         /* what tcpserver must know of a client besides the address */
  char const *why;        /* what is wrong, or of RULE_GOOD what else is to be said; or null */
  stralloc better;        /* what to write, or empty */
};
#define RULE_ADDRESS_ZERO { STRALLOC_ZERO, 0, 0, 0, 0, STRALLOC_ZERO }

enum rule_verdict rule_address(struct rule_address *to, char const *s, size_t len);
void rule_address_free(struct rule_address *a);

/* ---- its parts ---- */

enum { IP6_GROUPS = 8, IP6_TEXT_MAX = 40 };

/* Digits and dots, perhaps ranges and /n. */
enum rule_verdict rule_ip4(struct rule_address *to, char const *s, size_t len);
enum rule_verdict rule_ip4_network(struct rule_address *to, unsigned char const ip[4], unsigned bits);

/* Something with colons. */
enum rule_verdict rule_ip6(struct rule_address *to, char const *s, size_t len);

/* An address as tcpserver writes it: the longest row of zeros, be it one, is left out, of equal ones the first. */
size_t rule_ip6_text(char text[IP6_TEXT_MAX], uint16_t const groups[IP6_GROUPS]);

/* What they find is put down by these (rule_found.c). */
void rule_key(struct rule_address *to, char const *s, size_t len);
enum rule_verdict rule_fault(struct rule_address *to, enum rule_verdict verdict, char const *why);

/* Digits from *at on, below the limit; -1 when there are none. *at moves behind them. */
long rule_number(char const *s, size_t len, size_t *at, long limit);

#endif
