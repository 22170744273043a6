/* primary_question: asking a server of SMTP about recipients: MAIL and RCPT, then QUIT, and never a message. */

#ifndef MAILTREE_PRIMARY_QUESTION_H
#define MAILTREE_PRIMARY_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "primary.h"
#include "primary_hosts.h"

enum { QUESTION_RECIPIENTS = 3, QUESTION_CONNECT_SECONDS = 5, QUESTION_SECONDS = 15, QUESTION_WHY_MAX = 200 };

struct primary_question {
  size_t count;
  char const *recipients[QUESTION_RECIPIENTS];                  /* as they go between < and > */
  enum primary_said said[QUESTION_RECIPIENTS];
  char why[QUESTION_RECIPIENTS + 1][QUESTION_WHY_MAX];          /* behind an ADDRESS OF the server: what it said of each, and last why it said nothing */
};

/* False when the server answered about none: it could not be reached, refuses all that we say, or makes no sense. */
bool question_ask(struct primary_question *q, struct primary_host const *h, int64_t deadline);

#endif
