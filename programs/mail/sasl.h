/* sasl: the server's side of a SASL exchange (RFC 4422), whatever protocol carries it. Pure: what the client says goes
   in, what to tell him and at last what is to be checked comes out.

     struct sasl s;
     enum sasl_said said = sasl_begin(&s, sasl_find(name, len, offered), stamp, initial, initial_len);
     while (said == SASL_CHALLENGE) ...say s.challenge, read a line...  said = sasl_answer(&s, line, len);
     if (said == SASL_COMPLETE) ...ask about s.credentials...
     sasl_end(&s);

   A structure serves one exchange, and the next begins with nothing of it. */

#ifndef MAILTREE_SASL_H
#define MAILTREE_SASL_H

#include <stdbool.h>
#include <stddef.h>

#include "base64.h"
#include "credentials.h"

enum {
  SASL_LINE_MAX = 12288,                /* bytes of a line in base64: RFC 4954 section 4 */
  SASL_STAMP_MAX = 300                  /* of what a server-first mechanism says */
};

/* The mechanisms, as bits, for a set of them. */
enum { SASL_PLAIN = 1, SASL_LOGIN = 2, SASL_CRAM_MD5 = 4 };

struct sasl_mechanism;

/* Of those in the set, by its name in any case; null: none. */
struct sasl_mechanism const *sasl_find(char const *name, size_t len, unsigned set);

/* The name of the n-th mechanism of the set; null: there are not so many. */
char const *sasl_name(unsigned set, size_t n);

enum sasl_said {
  SASL_CHALLENGE,       /* the client is to be told the challenge, and answers it */
  SASL_COMPLETE,        /* credentials say who wants in, and what he has for it */
  SASL_GARBLED,         /* that is no base64 */
  SASL_CANCELLED,       /* the client has given up, by a star */
  SASL_UNFIT,           /* a response has no place here: the server begins */
  SASL_REFUSED          /* no right answer can have this form */
};

struct sasl {
  struct sasl_mechanism const *mechanism;
  char const *stamp;
  unsigned at;
  char challenge[BASE64_LEN(SASL_STAMP_MAX) + 1];       /* in base64, ended by a NUL */
  struct credentials credentials;       /* their texts lie here, in the last line, and in the stamp */
  char login[CREDENTIALS_MAX];
};

/* The stamp is that of a challenge, <unique@host>, and must stay. What came with the command, if anything: "=" is
   present and empty. Lines are decoded in place: whoever brings one wipes it when the exchange is over. */
enum sasl_said sasl_begin(struct sasl *s, struct sasl_mechanism const *mechanism, char const *stamp,
                          char *initial, size_t len);
enum sasl_said sasl_answer(struct sasl *s, char *line, size_t len);

/* Forgets all of it. */
void sasl_end(struct sasl *s);

#endif
