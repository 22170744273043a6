/* remote_reply: what an SMTP server answers, byte by byte. A reply is one or more lines "250-text"; the line whose
   fourth byte is no '-' is the last. All lines carry the same code. */

#ifndef MAILTREE_REMOTE_REPLY_H
#define MAILTREE_REMOTE_REPLY_H

#include <stdbool.h>
#include <stddef.h>

enum {
  REPLY_TEXT_MAX = 5000,      /* bytes of a reply that are kept */
  REPLY_BYTES_MAX = 65536,    /* of a whole reply; a longer one makes no sense */
  REPLY_LINES_MAX = 500
};

struct reply {
  unsigned code;
  bool more, senseless;
  unsigned lines;
  size_t bytes, column;
  size_t len;
  char text[REPLY_TEXT_MAX];   /* all lines without CRs, a '?' for each control character */
};

enum reply_state {
  REPLY_MORE,
  REPLY_DONE,         /* code is 200 to 599 */
  REPLY_SENSELESS     /* not a reply */
};

void reply_start(struct reply *r);

/* The next byte. Once the answer was not REPLY_MORE the reply is over. */
enum reply_state reply_take(struct reply *r, char c);

enum { OFFERS_SIZE = 1, OFFERS_8BITMIME = 2, OFFERS_PIPELINING = 4 };

/* Which of these extensions the reply to EHLO names, as a sum. */
unsigned reply_extensions(char const *text, size_t len);

/* Whether a refused recipient is only one more than a transaction may have (RFC 5321 4.5.3.1.10): 552; 452 without a
   code of another meaning behind it; 4xx or 550 with the code x.5.3. */
bool reply_says_too_many(struct reply const *r);

#endif
