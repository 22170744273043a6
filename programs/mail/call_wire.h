/* call_wire: mail that waits for a domain is called for (ETRN, RFC 1985), on the socket of qmail-send.

   A request is the domain, with '@' in front for all below it as well, and a NUL: CALL_REQUEST_MAX bytes at most. The answer is
   a letter and how many messages are on their way, in decimal, and a NUL. Then the connection ends. */

#ifndef MAILTREE_CALL_WIRE_H
#define MAILTREE_CALL_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"

#define CALL_PLACE "run/send"
#define CALL_SOCKET CALL_PLACE "/socket"

enum { CALL_DOMAIN_MAX = 253, CALL_REQUEST_MAX = 1 + CALL_DOMAIN_MAX + 1, CALL_ANSWER_MAX = 24 };

enum call_said {
  CALL_DONE = 'K',
  CALL_TOO_SOON = 'B',      /* it was called for not long ago */
  CALL_TROUBLE = 'Z'
};

struct call {
  struct field domain;
  bool below;               /* and all below it */
};

/* What a client may call for, or a rule may name: "domain" or "@domain" in letters, digits, hyphens and underlines. */
bool call_read(struct call *to, struct field text);

/* Whether rules that name these, with blanks between them, let him: "domain" is that one, "@domain" all below it as well. */
bool call_is_allowed(struct call const *c, struct field rules);

/* The bytes it takes. */
size_t call_request_pack(char to[CALL_REQUEST_MAX], struct call const *c);
size_t call_answer_pack(char to[CALL_ANSWER_MAX], enum call_said said, uint32_t messages);

/* The bytes it takes, 0 when it is not complete, -1 when it is none. The domain lies in s. */
long call_request_unpack(struct call *c, char const *s, size_t len);
long call_answer_unpack(enum call_said *said, uint32_t *messages, char const *s, size_t len);

/* Whether the name is the domain, or, where that is meant, below it. */
bool call_is_for(struct call const *c, char const *name, size_t len);

#endif
