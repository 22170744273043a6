/* message: from the bytes a client sends to the queue. Its source is the command that brings it; what passes is judged,
   completed where it is our own users', and queued. */

#ifndef MAILTREE_SMTP_MESSAGE_H
#define MAILTREE_SMTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "body.h"
#include "header.h"
#include "hops.h"
#include "queue_client.h"

struct message {
  struct queue_client queue;
  struct body body;             /* of the source, which says by it what it thinks of the line ends */
  struct hops hops;
  struct header header;
  bool completed;               /* it has what its header lacked */
  bool holds_header;            /* until it is over: bare addresses in it get a domain */
  stralloc held;
  uint64_t bytes;               /* as stored, without what we add */
  uint64_t taken;               /* from the wire */
  time_t began, session_end;    /* the session's, without the time that this message is given */
  bool given_up;                /* it will be refused: the queue program gets no more of it */
};

/* Begins a message for session.mail with its Received field. False when the queue cannot be reached. */
bool message_begin(struct message *m, enum body_policy line_ends);

/* Bytes as they are stored, and how many they were on the wire. */
void message_put(struct message *m, char const *s, size_t len, size_t taken);

/* Why it will be refused, as far as it has come; null: there is no reason yet. */
struct refusal const *message_refusal(struct message const *m);

/* It will never be complete. */
void message_abandon(struct message *m);

/* The message is complete: queues it. Why it is not, by us or by the verdict of the queue (queue_client.h). */
struct message_end { struct refusal const *no; char const *verdict; };
struct message_end message_queue(struct message *m);

/* It is queued: has say tell the client, and the log. */
void message_accepted(struct message *m, void (*say)(struct message *));

/* Both, and the answers of SMTP. */
void message_hand_over(struct message *m);

#endif
