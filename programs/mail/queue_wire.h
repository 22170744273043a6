/* queue_wire: what an injector and a worker of qmail-queued say to each other over the socket HOME/run/queue/socket.
   One connection is one message.

     injector   request: QUEUE_REQUEST bytes with the lengths, then the message, then the envelope as qmail-queue takes
                it on descriptor 1. It need not wait for the hello.
     worker     hello, before it reads: QUEUE_HELLO bytes, with the qp this message will have; qp 0 means "no room for
                you", and the worker closes.
     worker     answer: one byte, the exit code qmail-queue would have had, and closes

   Who may start no program has a message of any size taken so: both lengths are QUEUE_STREAM, and one more byte follows with two
   descriptors (SCM_RIGHTS), from which message and envelope are read as qmail-queue reads 0 and 1, by a process of its
   own. Its answer is the same byte.

   Who got no hello, or could not send all of his request, knows that nothing was queued. Who sent it all and got no
   answer does not know. Who is tired of waiting for the hello shuts his side down for reading, so that none can come,
   and then looks once more. Numbers are little-endian. */

#ifndef MAILTREE_QUEUE_WIRE_H
#define MAILTREE_QUEUE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_SOCKET "run/queue/socket"     /* below HOME */

enum {
  QUEUE_HELLO = 16,             /* magic "mtqueue", version 1 byte, qp 8 bytes */
  QUEUE_REQUEST = 16,           /* the same magic and version, length of the message, of the envelope, 4 bytes each */
  QUEUE_REQUEST_MAX = 131072    /* bytes of both together; what is larger goes to qmail-queue */
};

#define QUEUE_STREAM 0xffffffffu

struct queue_request { uint32_t message_len, envelope_len; };

void queue_hello_pack(char hello[QUEUE_HELLO], uint64_t qp);

/* False when it is the hello of something else, or of another version. */
bool queue_hello_unpack(uint64_t *qp, char const hello[QUEUE_HELLO]);

void queue_request_pack(char request[QUEUE_REQUEST], struct queue_request const *lengths);

bool queue_request_is_stream(struct queue_request const *lengths);

/* False when the sum is larger than QUEUE_REQUEST_MAX and it is no stream, or it is the request of something else or of another version. */
bool queue_request_unpack(struct queue_request *lengths, char const request[QUEUE_REQUEST]);

#endif
