/* dns: where mail for a domain goes, and what an address is called. Over c-ares: system resolvers, EDNS where they
   take it, TCP when an answer is long; no ANY queries, no search list, /etc/hosts unused. */

#ifndef MAILTREE_DNS_H
#define MAILTREE_DNS_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/genalloc.h>
#include <skalibs/ip46.h>
#include <skalibs/stralloc.h>

enum dns_result {
  DNS_OK,           /* at least one address */
  DNS_NO_HOST,      /* the name does not exist */
  DNS_NO_DATA,      /* it exists, but has no record that leads to an address */
  DNS_NULL_MX,      /* the domain says it takes no mail (RFC 7505) */
  DNS_SOFT,         /* resolver trouble, try again later */
  DNS_NOMEM
};

enum { DNS_ADDRESSES_MAX = 100, DNS_NAME_MAX = 255 };

struct dns_address {
  ip46 ip;
  bool proven;            /* by DNSSEC, all the way from the question */
  uint32_t preference;
  uint32_t host;          /* index into the names of the same call: which MX host it belongs to */
};

struct dns_addresses {
  genalloc list;          /* of struct dns_address, in the order they are to be tried */
  genalloc names;         /* of char *, owned: MX host names */
  genalloc canonicals;    /* of char *, owned: for each of them what it is an alias of, if that was proven; else null */
};
#define DNS_ADDRESSES_ZERO { GENALLOC_ZERO, GENALLOC_ZERO, GENALLOC_ZERO }

/* Starts the resolver, once per program. Each whole question takes `seconds` at most. 1, or 0 with errno. */
int dns_init(unsigned seconds);

/* After dns_init: from now on each answer tells whether it was proven, if all name servers of this host are on it. Others, and
   whoever stands between, could write "proven" on anything. False when they are not. */
bool dns_ask_for_proof(void);

/* MX hosts of a domain with their A and AAAA addresses, best preference first, order random among equals; no MX
   records: the domain's own addresses with preference 0. Numeric targets are taken as addresses. Soft trouble with
   some hosts only counts when no address at all is found. */
enum dns_result dns_mx(struct dns_addresses *out, char const *domain);

/* A and AAAA of one host, preference 0. */
enum dns_result dns_host(struct dns_addresses *out, char const *host);

/* Replaces *name by the name of an address, in lower case. Only a name counts whose own addresses hold this one:
   whoever owns an address can name it as he likes. DNS_OK, or why there is none. */
enum dns_result dns_name(stralloc *name, ip46 const *ip);

/* The TLSA records of a name, _25._tcp before a host's. DNS_OK: there are proven ones. DNS_NO_DATA: there are none, or they
   are not proven. */
struct dane_records;
enum dns_result dns_tlsa(struct dane_records *to, char const *name);

/* Each text of a name, its strings joined; one that is longer than DNS_TEXT_MAX is cut. DNS_OK: there is one. */
enum { DNS_TEXT_MAX = 4096 };
enum dns_result dns_texts(char const *name, void (*heard)(void *arg, char const *s, size_t len), void *arg);

void dns_addresses_free(struct dns_addresses *a);

#endif
