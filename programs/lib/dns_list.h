/* dns_list: a DNS list of hosts (RFC 5782), as a line of a control file names it, and what its answers mean. Pure.

     zen.spamhaus.org:2-4,9-11:refuse:see https://www.spamhaus.org/query/ip/%
     bl.spamcop.net:2:60
     list.dnswl.org:127.0.*.1-3:white
*/

#ifndef MAILTREE_DNS_LIST_H
#define MAILTREE_DNS_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/ip46.h>

#include "dns.h"
#include "fields.h"

enum dns_list_action {
  LIST_COUNTS,          /* its points are added to those of others */
  LIST_REFUSES,         /* for ever */
  LIST_DEFERS,          /* for now */
  LIST_TURNS_AWAY,      /* before anything is said */
  LIST_SPARES           /* whatever other lists have */
};

enum {
  DNS_LISTS_MAX = 24,           /* lines of the file that count */
  DNS_LIST_POINTS_MAX = 1000,
  DNS_LIST_CODE = 4             /* bytes of an answer */
};

/* In the memory of the line. */
struct dns_list {
  struct field zone, codes, text;       /* without text it is the list that says why */
  enum dns_list_action action;
  int points;                           /* of LIST_COUNTS, also below 0 */
};

/* Null, or what is wrong with the line. */
char const *dns_list_read(struct dns_list *to, char const *line, size_t len);

/* Whether the address that the list answers is among the codes of the line. */
bool dns_list_counts(struct dns_list const *list, unsigned char const code[DNS_LIST_CODE]);

/* 127.255.255.0/24: an error that looks like an answer, mostly that the name server in use may not ask. */
bool dns_list_refuses_us(unsigned char const code[DNS_LIST_CODE]);

/* What a list is asked about an address. False when that is longer than names are. */
bool dns_list_name(char to[DNS_NAME_MAX + 1], struct dns_list const *list, ip46 const *ip);

/* No list has this one on it, unless it has the whole world (RFC 5782 5); each has the other one. */
extern ip46 const DNS_LIST_NOBODY, DNS_LIST_TEST;

/* Whether no list knows of such an address: of loopback, a private network, one link. */
bool dns_list_is_no_matter(ip46 const *ip);

#endif
