/* remote_sentence: what is told of a server in a report. */

#ifndef MAILTREE_REMOTE_SENTENCE_H
#define MAILTREE_REMOTE_SENTENCE_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "smtp_reply.h"

enum sentence {
  GREETING_FAILED, NAME_REJECTED, SENDER_REJECTED, RECIPIENT_DISLIKED, GIVING_UP, DATA_FAILED, MESSAGE_FAILED,
  ACCEPTED,
  DIED, DIED_LATE, SENSELESS, SENSELESS_LATE,
  TLS_NOT_OFFERED, TLS_LACKING, TLS_NOT_HERE, TLS_LACKING_HERE, TLS_REFUSED, TLS_BROKEN, TLS_UNTRUSTED, TLS_INJECTED,
  LOGIN_NOT_OFFERED, LOGIN_REFUSED, LOGIN_DOUBTFUL, TOKEN_UNREADABLE,
  EIGHT_BIT_NOT_TAKEN, EIGHT_BIT_NOT_NOW, UTF8_SENDER_NOT_TAKEN, UTF8_RECIPIENT_NOT_TAKEN, UTF8_HEADER_NOT_TAKEN, UTF8_NOT_NOW,
  UTF8_NOT_HERE
};

/* Whether it is one of the server's lack of secrecy. */
bool sentence_is_of_secrecy(enum sentence sentence);

/* Adds it, with its newline. */
void sentence_add(stralloc *to, enum sentence sentence, char const *ip);

/* Behind it, when there is one, what the server said. */
void sentence_add_reply(stralloc *to, struct smtp_reply const *reply);

/* Behind it, why. */
void sentence_add_reason(stralloc *to, char const *reason);

/* In a few words, where another server may be tried. */
char const *sentence_in_short(enum sentence sentence);

#endif
