/* send_hash: what was queued, as one number that nobody else's message has (control/loghash). */

#ifndef MAILTREE_QUEUE_SEND_HASH_H
#define MAILTREE_QUEUE_SEND_HASH_H

#include "queue_message.h"

/* A line of the log with the SHA-256 of the message, its bytes as a program in a .qmail file reads them. */
void hash_log(struct queue_message const *q);

#endif
