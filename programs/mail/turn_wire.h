/* turn_wire: a client who has logged in asks that the roles be turned, and that he be sent the mail that waits for domains of his
   (ATRN, RFC 2645), on the socket of qmail-seriald.

   A question is one message of netstrings.h; the descriptors where the client is heard and spoken to come with its first bytes. The
   answer is one byte. After TURN_GO the connection stays until all is sent: it says no more, and its end says that the client is
   done with. */

#ifndef MAILTREE_TURN_WIRE_H
#define MAILTREE_TURN_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

#define TURN_PLACE "run/serial"
#define TURN_SOCKET TURN_PLACE "/socket"

enum {
  TURN_LOGIN_MAX = 512, TURN_DOMAINS_MAX = 2048, TURN_CLIENT_MAX = 45,      /* bytes of each */
  TURN_QUESTION_MAX = 3072                                                  /* of all of it */
};

enum turn_said {
  TURN_GO = 'K',
  TURN_NO_MAIL = 'N',
  TURN_REFUSED = 'R',       /* one of the domains is not his, or he has none */
  TURN_TROUBLE = 'Z'        /* not now */
};

struct turn {
  struct field login;
  struct field domains;     /* empty: all that are his; else turn_domains_read takes it */
  struct field client;      /* his address; empty: not known */
  bool secret;              /* nobody listens in passing */
};

/* Whether it is "domain" or "domain,domain..." (RFC 2645, 5.2.1), in letters, digits, hyphens and underlines. */
bool turn_domains_read(struct field list);

/* The next of one that is; false at its end. */
bool turn_domain_next(struct field *rest, struct field *domain);

/* The bytes it takes, 0 when something is too long. */
size_t turn_question_pack(char to[TURN_QUESTION_MAX], struct turn const *t);

/* The same; 0: there is more to come, -1: it is none. Fields lie in s. */
long turn_question_unpack(struct turn *t, char const *s, size_t len);

/* Whether somebody can have said it. */
bool turn_said_read(enum turn_said *said, char byte);

#endif
