/* refusal: why something is not taken, said once, for every protocol and the log. */

#ifndef MAILTREE_SMTP_REFUSAL_H
#define MAILTREE_SMTP_REFUSAL_H

#include <skalibs/stralloc.h>

struct refusal {
  unsigned short code;          /* RFC 5321 4.2.1; 4xx for a while, 5xx for ever */
  char const *status;           /* RFC 3463; null: the text, somebody else's, brings its own in front */
  char const *text;
};

/* One whose text is made at run time. */
struct refusal_made {
  struct refusal refusal;
  stralloc text;
};

/* The words of its SMTP line, without CR LF: "553 5.7.1 text (#5.7.1)". */
struct refusal_line {
  char code[8];
  char const *words[9];         /* null ends them */
};

void refusal_line(struct refusal_line *to, struct refusal const *r);

/* Appends what QMTP and QMQP say: "Dtext (#5.7.1)", or Z for a while; somebody else's text as it was. 1, or 0 without memory. */
int refusal_answer(stralloc *to, struct refusal const *r);

#endif
