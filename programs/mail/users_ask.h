/* users_ask: ask the service that knows the users of virtual domains. Whoever does not answer, or not in time, has said
   SAID_TROUBLE: that a service is down makes nobody unknown and no password wrong. */

#ifndef MAILTREE_USERS_ASK_H
#define MAILTREE_USERS_ASK_H

#include <stdbool.h>

#include "users_wire.h"

/* The texts of the answer lie in bytes. */
struct users_heard {
  struct users_answer answer;
  char bytes[USERS_ANSWER_MAX];
};

/* Whether the service is installed here, be it up or down. */
bool users_ask_is_possible(void);

/* What is said within so many milliseconds. About users in working directory HOME. */
enum users_said users_ask(struct users_heard *heard, struct users_question const *q, unsigned ms);

#endif
