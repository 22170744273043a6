/* limit_ask: ask the service that counts. Who does not answer in time limits nobody: that it is down stops no mail. */

#ifndef MAILTREE_MAIL_LIMIT_ASK_H
#define MAILTREE_MAIL_LIMIT_ASK_H

#include <stdbool.h>

#include "limit_wire.h"

/* The text of the answer lies in bytes. Large: for static memory, of which hardly any is touched. */
struct limit_heard {
  struct limit_answer answer;
  char bytes[LIMIT_ANSWER_MAX];
};

/* The connection is *fd, made when it is -1, and -1 afterwards when there was no answer; errno tells why: ENOENT, there is no such
   service. */
bool limit_ask(int *fd, struct limit_heard *heard, struct limit_question const *q, unsigned ms);

/* Nothing is waited for. */
void limit_tell(int fd, struct limit_question const *q);

#endif
