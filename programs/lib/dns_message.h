/* dns_message: what stands in the answer of a name server, record by record. Pure. For what c-ares leaves unsaid: whether the
   resolver has proven it, and records that not all its releases know. */

#ifndef MAILTREE_DNS_MESSAGE_H
#define MAILTREE_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "dns.h"

enum { DNS_CODE_NONE = 0, DNS_CODE_FORMAT = 1, DNS_CODE_FAILURE = 2, DNS_CODE_NO_NAME = 3, DNS_CODE_UNKNOWN = 4, DNS_CODE_REFUSED = 5 };

struct dns_message {
  unsigned char const *s;
  size_t len, at;
  unsigned code;          /* one of those above, or another */
  unsigned answers;       /* records that it has, of whatever type */
  unsigned left;          /* that were not read */
  bool authentic;         /* AD: the resolver has proven all of the answer (RFC 4035 3.2.3), if he can be believed */
};

struct dns_record {
  size_t owner;           /* where its name stands in the message */
  unsigned type;
  unsigned char const *data;
  size_t len;
};

/* What a question asks, so that the resolver tells what he has proven: also AD (RFC 6840 5.7). */
void dns_message_ask_for_proof(unsigned char *question, size_t len);

/* False when it is no answer to one question. */
bool dns_message_begin(struct dns_message *m, unsigned char const *s, size_t len);

/* The next record of class IN of the answer, in m's memory. False when there is no more, or what is there is broken. */
bool dns_message_next(struct dns_message *m, struct dns_record *r);

/* The name that stands there, without a dot at its end. False when it is broken, or longer than names are. */
bool dns_message_name(char name[DNS_NAME_MAX + 1], struct dns_message const *m, size_t at);

/* The strings of a TXT record, joined; what is more than max is left out. How many bytes. */
size_t dns_message_text(char *to, size_t max, struct dns_record const *r);

#endif
