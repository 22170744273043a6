/* sasl: the server's side of a SASL exchange (RFC 4422), whatever protocol carries it. Pure: what the client says goes
   in, what to tell him and at last what is to be checked comes out.

     struct sasl s;
     enum sasl_said said = sasl_begin(&s, sasl_find(name, len, offered), &side, initial, initial_len);
     for (;;) {
       if (said == SASL_CHALLENGE) ...say s.challenge, read a line...  said = sasl_answer(&s, line, len);
       else if (said == SASL_WANTS_SALT) ...find that of s.credentials.login...  said = sasl_salt(&s, salt, rounds);
       else break;
     }
     if (said == SASL_COMPLETE) ...ask about s.credentials, and if they are right...
       if (sasl_sign(&s, signature)) ...say s.challenge, read a line that is empty...
     sasl_end(&s);

   Salt and signature are those of SCRAM; who does not offer it never hears of them.

   A structure serves one exchange, and the next begins with nothing of it. */

#ifndef MAILTREE_SASL_H
#define MAILTREE_SASL_H

#include <stdbool.h>
#include <stddef.h>

#include "base64.h"
#include "credentials.h"
#include "fields.h"

enum {
  SASL_LINE_MAX = 12288,                /* bytes of a line in base64: RFC 4954 section 4 */
  SASL_STAMP_MAX = 300,                 /* of what a server-first mechanism says */
  SASL_SAID_MAX = 600,                  /* of any challenge */
  SASL_HEAD_MAX = 600,                  /* of what a client of SCRAM says before his name */
  SASL_EXCHANGE_MAX = 2400              /* of all that both sides of SCRAM have said */
};

/* The mechanisms, as bits, for a set of them. */
enum { SASL_PLAIN = 1, SASL_LOGIN = 2, SASL_CRAM_MD5 = 4, SASL_SCRAM = 8, SASL_SCRAM_PLUS = 16 };

struct sasl_mechanism;

/* Of those in the set, by its name in any case; null: none. */
struct sasl_mechanism const *sasl_find(char const *name, size_t len, unsigned set);

/* The name of the n-th mechanism of the set; null: there are not so many. */
char const *sasl_name(unsigned set, size_t n);

enum sasl_said {
  SASL_CHALLENGE,       /* the client is to be told the challenge, and answers it */
  SASL_WANTS_SALT,      /* credentials say who wants in; his salt is to be told */
  SASL_COMPLETE,        /* credentials say who wants in, and what he has for it */
  SASL_GARBLED,         /* that is no base64 */
  SASL_CANCELLED,       /* the client has given up, by a star */
  SASL_UNFIT,           /* a response has no place here: the server begins */
  SASL_REFUSED          /* no right answer can have this form */
};

/* The server's own. The texts must stay. */
struct sasl_side {
  char const *stamp;                    /* of a challenge, <unique@host> */
  struct field exporter, endpoint;      /* channel bindings of the TLS it speaks (tls_wire.h); empty: none */
};

struct sasl {
  struct sasl_mechanism const *mechanism;
  struct sasl_side side;
  unsigned at;
  char challenge[BASE64_LEN(SASL_SAID_MAX) + 1];        /* in base64, ended by a NUL */
  struct credentials credentials;       /* their texts lie here, in the last line, and in the stamp */
  char login[CREDENTIALS_MAX];
  struct sasl_scram {
    char head[SASL_HEAD_MAX], exchange[SASL_EXCHANGE_MAX];
    size_t head_len, len;
    struct field nonce, binding;        /* in the exchange; of the side */
  } scram;
};

/* What came with the command, if anything: "=" is present and empty. Lines are decoded in place: whoever brings one wipes
   it when the exchange is over. */
enum sasl_said sasl_begin(struct sasl *s, struct sasl_mechanism const *mechanism, struct sasl_side const *side,
                          char *initial, size_t len);
enum sasl_said sasl_answer(struct sasl *s, char *line, size_t len);

/* After SASL_WANTS_SALT; in base64. */
enum sasl_said sasl_salt(struct sasl *s, struct field salt, unsigned rounds);

/* After SASL_COMPLETE, when the proof was right: whether the client is to be shown the server's own, in base64, as one more
   challenge, to which there is nothing more to say. */
bool sasl_sign(struct sasl *s, struct field signature);

/* Forgets all of it. */
void sasl_end(struct sasl *s);

#endif
