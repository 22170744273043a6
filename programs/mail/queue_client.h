/* queue_client: hand a message to the queue. The one way in for every program that injects.

   A small message is held here until it is complete, then the service qmail-queue takes it (queue_service.h). When
   there is no such service, when it has no room, when the message is large, or QMAILQUEUE names a program,
   qmail-queue or that program is started and gets the message as it comes; where qmail-queue is not setuid the service
   gets it so, and is waited for, QUEUE_PATIENCE seconds, while it has no room. The caller sees no difference.

     struct queue_client q;
     if (!queue_client_open(&q)) ...temporary trouble, errno...
     queue_client_puts(&q, "Subject: x\n\n");
     queue_client_from(&q, sender, sender_len);
     queue_client_to(&q, recipient, recipient_len);
     char const *problem = queue_client_close(&q);     "" or "D..." or "Z..."

   The caller ignores SIGPIPE. */

#ifndef MAILTREE_QUEUE_CLIENT_H
#define MAILTREE_QUEUE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "envelope_extra.h"
#include "queue_wire.h"

enum { QUEUE_TEXT_MAX = 255 };      /* bytes a queue program may say on descriptor 6 */

struct queue_client {
  bool held;                  /* no queue program runs, all there is is in buffer */
  char const *const *program; /* that the caller has named, or null */
  pid_t pid;                  /* of the queue program */
  bool streamed;              /* the service has the message read as it comes */
  unsigned long qp;
  int message_fd, envelope_fd, error_fd;
  bool in_envelope;
  size_t message_len;         /* of what is held; known from the beginning of the envelope */
  bool failed;                /* the injector or a write gave up: the message must not be queued */
  size_t used;
  char text[QUEUE_TEXT_MAX + 1];
  char buffer[QUEUE_REQUEST_MAX];
};

/* For a process that is about to give up starting programs: true when it needs none, since the service is there and QMAILQUEUE
   names nothing. From then on large messages go to the service, too, and while it is away or has no room it is waited for,
   QUEUE_PATIENCE seconds; then the verdict is a temporary one. */
enum { QUEUE_PATIENCE = 10 };
bool queue_client_starts_nothing(void);

/* Without the service: starts the queue program: descriptor 0 message, 1 envelope, 6 error text, working directory HOME.
   1, or 0 with errno. */
int queue_client_open(struct queue_client *q);

/* The same by a program that the caller names, from HOME, with arguments up to a null; they stay until queue_client_close. */
int queue_client_open_program(struct queue_client *q, char const *const *argv);

/* Message bytes; not after queue_client_from. */
void queue_client_put(struct queue_client *q, char const *s, size_t len);
void queue_client_puts(struct queue_client *q, char const *s);

/* From here on the message will not be queued, whatever follows. queue_client_close must still be called. */
void queue_client_fail(struct queue_client *q);

/* The message is complete; its envelope sender, then each recipient. */
void queue_client_from(struct queue_client *q, char const *sender, size_t len);
void queue_client_to(struct queue_client *q, char const *recipient, size_t len);

/* Instead of queue_client_from and its kin: records as qmail-queue takes them, in any number of pieces, without the NUL that ends
   the envelope. */
void queue_client_envelope(struct queue_client *q, char const *s, size_t len);

/* What belongs to the message (behind queue_client_from), or to the recipient before, each at most once; the value must fit
   (envelope_extra.h). A program that QMAILQUEUE names gets none of it, since it may know nothing of this, but for qmail-filter and
   one that says by the variable QMAILQUEUE_EXTRAS that it does; whether it is passed on at all: */
bool queue_client_takes_extras(void);
void queue_client_extra(struct queue_client *q, enum envelope_extra letter, char const *value, size_t len);

/* Ends the envelope and waits for the verdict: the empty string when the message is queued, else a text
   whose first byte is D (permanent) or Z (temporary). Valid until q is used again. */
char const *queue_client_close(struct queue_client *q);

/* Whether the verdict leaves open that the message is queued: who had it went without a word. */
bool queue_client_is_uncertain(char const *verdict);

/* The verdict for an exit code of a queue program and its text on descriptor 6 (text_len bytes). */
char const *queue_client_verdict(int exit_code, bool failed, char const *text, size_t text_len);

/* With what a program that injects ends for such a verdict: 0, 100 or 111. */
int queue_client_end(char const *verdict);

/* "qp" in replies and logs: the pid of the queue program, or a number of the service's. Who asks before
   queue_client_close gets a queue program started. */
unsigned long queue_client_qp(struct queue_client *q);

#endif
