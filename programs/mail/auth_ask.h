/* auth_ask: ask the service that knows who may log in. Whoever does not answer, or not in time, has said AUTH_TROUBLE: that
   a service is down makes no password wrong. */

#ifndef MAILTREE_AUTH_ASK_H
#define MAILTREE_AUTH_ASK_H

#include <stdbool.h>

#include "auth_wire.h"

/* The texts of the answer lie in bytes. Large: for static memory, of which hardly any is touched. */
struct auth_heard {
  struct auth_answer answer;
  char bytes[AUTH_ANSWER_MAX];
};

/* Whether the service is installed here, be it up or down: one access(2). */
bool auth_ask_is_possible(void);

/* What is said within so many milliseconds. */
enum auth_said auth_ask(struct auth_heard *heard, struct auth_question const *q, unsigned ms);

#endif
