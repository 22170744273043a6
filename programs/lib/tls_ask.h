/* tls_ask: have a connection speak TLS, by the service that can, or by the server under which this program runs.

     struct tls_asked t;
     if (tls_ask_open(&t, &question, fd) != TLS_READY) ...454, or the next host, t.answer.why...
     ...220 or STARTTLS, and its answer...
     if (tls_ask_start(&t) != TLS_DONE) ...close; t.answer says why...
     ...nothing that was read before counts; from here on the connection is t.in and t.out, fd is closed and not read again...

   Where the environment has SSLCTLFD, SSLREADFD and SSLWRITEFD (UCSPI-TLS: sslserver -n, s6-ucspitlsd) a server side asks by
   these instead. Whoever does not answer, or not in time, has said TLS_TROUBLE. */

#ifndef MAILTREE_TLS_ASK_H
#define MAILTREE_TLS_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "tls_wire.h"

struct tls_asked {
  struct tls_answer answer;     /* its texts lie in bytes */
  int in, out;                  /* after TLS_DONE the caller's to close; both are the same, or two pipes. Else -1 */
  int control;
  bool foreign;                 /* by UCSPI-TLS */
  int64_t deadline;
  uint32_t ms;
  char bytes[TLS_ANSWER_MAX];
};

/* Where HOME is, for a program whose working directory it is not; "." at first. */
extern char const *tls_ask_home;

/* Whether a server may offer TLS: one access(2) at most. */
bool tls_ask_is_possible(void);

/* TLS_READY, or TLS_TROUBLE, after which nothing is left to do. */
enum tls_said tls_ask_open(struct tls_asked *t, struct tls_question const *q, int network);

/* After TLS_READY: begins the handshake, and tells how it went. */
enum tls_said tls_ask_start(struct tls_asked *t);

/* Or nothing becomes of it, and the connection stays plain. */
void tls_ask_drop(struct tls_asked *t);

#endif
