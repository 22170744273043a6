/* send_asker: those who ask something of the running qmail-send through its control socket (verb_wire.h): root and
   qmails, nobody else comes to it. Each has one request at a time; that he has gone comes up like a request. */

#ifndef MAILTREE_SEND_ASKER_H
#define MAILTREE_SEND_ASKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <skalibs/iopause.h>

#include "verb_wire.h"

enum { ASKERS = 8, ASKER_PLACES = 1 + ASKERS };

struct asker {
  int fd;                     /* 0, where the log is: he is gone, or nobody */
  uid_t uid;
  bool busy;                  /* with his request: until the answer nothing is read */
  bool gone;                  /* and nobody knows that yet */
  uint64_t deadline;          /* of a whole request */
  struct verb_request request;        /* its texts lie in the bytes */
  size_t len;
  char bytes[VERB_REQUEST_MAX];
};

extern struct asker askers[ASKERS];

/* Makes the socket. Without it, which the log tells, all else works. */
void askers_begin(void);

/* What to wait for, and what has come. When qmail-send is stopping, all are sent away. */
void askers_wait_for(iopause_fd x[ASKER_PLACES]);
void askers_receive(iopause_fd const x[ASKER_PLACES]);

/* The end of the patience with the most silent one. */
uint64_t askers_patience(void);

/* The next who has asked something, or, without fd, is gone; null when there is none. What is no request, or more than
   one, costs the connection, which is all it costs. */
struct asker *asker_next(void);

/* He has so many seconds for the next request. */
void asker_answer(struct asker *a, struct verb_answer const *answer, unsigned patience);

#endif
