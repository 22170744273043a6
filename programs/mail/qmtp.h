/* qmtp: what a client of QMTP says, and what it hears. A message is three netstrings: the text behind a byte that tells
   how its lines end, the sender, and the recipients, a netstring each in one netstring. For each recipient there is an
   answer, a netstring that begins with K, Z or D. Pure. */

#ifndef MAILTREE_QMTP_H
#define MAILTREE_QMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { QMTP_PORT = 209 };

/* Appends what stands before a text of so many bytes, whose lines end in LF. 1, or 0 without memory. */
int qmtp_begin(stralloc *to, uint64_t len);

/* Appends what stands behind it: sender and recipients as they are, without quotes. 1/0. */
int qmtp_end(stralloc *to, struct field sender, struct field const *recipients, size_t count);

enum { QMTP_TEXT_MAX = 4000, QMTP_ANSWER_MAX = 65536 };    /* bytes of an answer that are kept; of one that makes sense */

struct qmtp_answer {
  uint64_t left;                  /* bytes that are to come, before the comma */
  unsigned digits;
  bool in_text;
  char verdict;                   /* K, Z or D */
  size_t len;
  char text[QMTP_TEXT_MAX];       /* behind the verdict */
};

enum qmtp_state { QMTP_MORE, QMTP_DONE, QMTP_SENSELESS };

void qmtp_answer_start(struct qmtp_answer *a);

/* The next byte. Once the answer was not QMTP_MORE it is over. */
enum qmtp_state qmtp_answer_take(struct qmtp_answer *a, char c);

#endif
