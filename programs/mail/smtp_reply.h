/* smtp_reply: what an SMTP server answers, byte by byte. A reply is one or more lines "250-text"; the line whose
   fourth byte is no '-' is the last. All lines carry the same code. */

#ifndef MAILTREE_SMTP_REPLY_H
#define MAILTREE_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

enum {
  SMTP_REPLY_TEXT_MAX = 5000,      /* bytes of a reply that are kept */
  SMTP_REPLY_BYTES_MAX = 65536,    /* of a whole reply; a longer one makes no sense */
  SMTP_REPLY_LINES_MAX = 500
};

struct smtp_reply {
  unsigned code;
  bool more, senseless;
  unsigned lines;
  size_t bytes, column;
  size_t len;
  char text[SMTP_REPLY_TEXT_MAX];    /* all lines without CRs, a '?' for each control character */
};

enum smtp_reply_state {
  SMTP_REPLY_MORE,
  SMTP_REPLY_DONE,         /* code is 200 to 599 */
  SMTP_REPLY_SENSELESS     /* not a reply */
};

void smtp_reply_start(struct smtp_reply *r);

/* The next byte. Once the answer was not SMTP_REPLY_MORE the reply is over. */
enum smtp_reply_state smtp_reply_take(struct smtp_reply *r, char c);

enum { SMTP_OFFERS_SIZE = 1, SMTP_OFFERS_8BITMIME = 2, SMTP_OFFERS_PIPELINING = 4, SMTP_OFFERS_STARTTLS = 8,
       SMTP_OFFERS_DSN = 16, SMTP_OFFERS_SMTPUTF8 = 32 };

/* Which of these extensions the reply to EHLO names, as a sum. */
unsigned smtp_reply_extensions(char const *text, size_t len);

/* The mechanisms behind AUTH in the reply to EHLO, with blanks between; empty: there are none. */
struct field smtp_reply_auth(char const *text, size_t len);

/* Whether a refused recipient is only one more than a transaction may have (RFC 5321 4.5.3.1.10): 552; 452 without a
   code of another meaning behind it; 4xx or 550 with the code x.5.3. */
bool smtp_reply_says_too_many(struct smtp_reply const *r);

#endif
