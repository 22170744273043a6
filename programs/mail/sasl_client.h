/* sasl_client: the client's side of a SASL exchange (RFC 4422), whatever protocol carries it. Pure.

     struct sasl_client s;
     if (!sasl_client_begin(&s, &login, offered, plain_may_be_said, nonce)) ...the server offers none that will do...
     ...say s.name and, where s.has_first, s.response in base64...
     while (...the server has a challenge...) if (!sasl_client_answer(&s, challenge, len)) ...give up... else say s.response
     if (...the server is content... && sasl_client_is_content(&s)) ...so are we...
     sasl_client_end(&s);
*/

#ifndef MAILTREE_SASL_CLIENT_H
#define MAILTREE_SASL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"
#include "scram.h"

enum {
  SASL_LOGIN_MAX = 320,                 /* bytes of a name, and of a host */
  SASL_SECRET_MAX = 4096,               /* of a password or a token */
  SASL_CHALLENGE_MAX = 3000,
  SASL_RESPONSE_MAX = 6000,
  SASL_NONCE = 20                       /* printable characters but the comma */
};

struct sasl_secret {
  struct field login;
  struct field secret;
  bool is_token;                        /* OAuth 2, in place of a password */
  struct field host;                    /* of the server, for OAUTHBEARER */
  unsigned port;
};

struct sasl_client {
  char const *name;                     /* of the mechanism */
  bool has_first;                       /* the response that is there goes with the name */
  size_t len;
  char response[SASL_RESPONSE_MAX];
  /* ---- */
  struct sasl_secret who;
  struct sasl_way const *way;
  unsigned at;
  bool content;
  char nonce[SASL_NONCE];
  unsigned char expected[SCRAM_DIGEST];           /* what a server says that knows the password */
};

/* Chooses the best mechanism of those offered, a list of words with blanks between. Those that tell the secret to whoever
   listens only where it may be said. False when none will do, or the secret is longer than it may be. The texts must stay. */
bool sasl_client_begin(struct sasl_client *s, struct sasl_secret const *who, struct field offered, bool may_be_said,
                       char const nonce[SASL_NONCE]);

/* A challenge, decoded. False when there is nothing to say to that: the exchange is to be given up. */
bool sasl_client_answer(struct sasl_client *s, char const *challenge, size_t len);

/* Whether the server has shown what it must. */
bool sasl_client_is_content(struct sasl_client const *s);

/* Forgets all of it. */
void sasl_client_end(struct sasl_client *s);

#endif
