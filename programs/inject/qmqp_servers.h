/* qmqp_servers: the hosts of control/qmqpservers, and a connection to the first of them that is there. */

#ifndef MAILTREE_INJECT_QMQP_SERVERS_H
#define MAILTREE_INJECT_QMQP_SERVERS_H

#include <stdbool.h>
#include <stddef.h>

enum { QMQP_PORT = 628, QMQP_SERVERS_MAX = 32, QMQP_CONNECT_MS = 10000, QMQP_HEAD_START_MS = 1000 };

struct qmqp_servers {
  size_t count;
  struct qmqp_server {
    char name[48];
    bool is_done;             /* it is not tried any more */
    int fd;                   /* an attempt that is under way; -1: there is none */
    long long until;          /* which ends then */
  } list[QMQP_SERVERS_MAX];
};

/* The addresses in the text, in their order; lines that are none are passed over, as are those above the limit. */
void qmqp_servers_read(struct qmqp_servers *s, char const *text, size_t len);

/* A connection, that does not block, to the first that takes it: each has a second before the next is tried as well, so that one
   that is away costs no more. Those that cannot be reached are done. Null when all are done; then errno is of the last. */
struct qmqp_server *qmqp_servers_connect(struct qmqp_servers *s);

#endif
