/* kept_call: for who asks a service again and again: the connection stays for the next question, where the service keeps its
   clients (kept_clients.h).

   The first question has a connection of its own: most ask no more than one. On one that was kept, who has no answer soon may be
   waiting behind somebody else: he comes anew, to whoever is free. So only what may be asked twice is asked so; and where all are
   slow, it is asked twice seldom: for ten seconds each question has a connection of its own again. */

#ifndef MAILTREE_KEPT_CALL_H
#define MAILTREE_KEPT_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct kept_call {
  int fd;             /* -1: none */
  pid_t caller;       /* a child has a connection of its own */
  bool is_usual;      /* to ask */
  int64_t soon;       /* an answer on it has to be there by then */
  int64_t rests;      /* until then none is kept */
};
#define KEPT_CALL_NONE { -1, 0, false, 0, 0 }

/* The connection that is kept, or -1; the answer is waited for until *deadline, which comes earlier now. */
int kept_call_again(struct kept_call *k, int64_t *deadline);

/* Whether the next connection is to be kept, when an answer has come on it. */
bool kept_call_wanted(struct kept_call *k);

void kept_call_hold(struct kept_call *k, int fd);

/* It is of no more use. */
void kept_call_end(struct kept_call *k);

/* Nor is it after a question that has had no answer; it rests when that was late, and not when the service has hung up. */
void kept_call_failed(struct kept_call *k);

#endif
