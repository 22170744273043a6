/* takeover_envelope: what an old queue's files say, in the records of queue_message.h. The files todo, info, local
   and remote of an old queue are made of the same records:
   a letter (u and p of the writer, F and T of the envelope, D for done), a text, a NUL. */

#ifndef MAILTREE_TAKEOVER_ENVELOPE_H
#define MAILTREE_TAKEOVER_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "route.h"

/* Reads qmail-queue's Received line at the start of a message: its pid, and who called ("by uid 7", "from network").
   False when the message begins otherwise. */
bool old_received(char const *s, size_t len, uint64_t *pid, char const **who, size_t *who_len);

/* An old qmail-send stored local recipients as rewritten for virtual domains. Replaces *to by an address that
   routes to the local channel as exactly the stored one: itself, or what it was before the rewriting. 1; -1 without
   memory; 0 when today's locals and virtualdomains have no such address: then *to is the same box at one
   of the locals (or the stored address, without any), so that the same user still gets it. */
int old_local_recipient(struct route_table *table, stralloc *to, char const *stored, size_t len);

#endif
