/* remote_recipients: where each recipient stands while servers are asked about them. Nothing is reported before the end:
   only then it is known which answers were about whom. */

#ifndef MAILTREE_REMOTE_RECIPIENTS_H
#define MAILTREE_REMOTE_RECIPIENTS_H

#include <stddef.h>

enum standing {
  UNASKED,
  TAKEN,            /* shares the fate of the message */
  ONE_TOO_MANY,     /* for this transaction, which says nothing about him */
  PUT_OFF,
  ANSWERED_NO,      /* refused, if that was the answer to this recipient and not to another one */
  REFUSED,
  DELIVERED
};

/* All are unasked. */
void recipients_begin(size_t count);

/* Chooses whom the next transaction asks about: those of whom nothing is known, at most so many. Returns how many; they
   are number 0 and so on, until the next choice. */
size_t recipients_choose(size_t most);
size_t recipient_chosen(size_t i);

/* From now on the recipient stands so; the text, which is copied, goes with it in the report. The second: by an answer of
   the server. */
void recipient_stands(size_t i, enum standing standing, char const *text, size_t len);
void recipient_was_answered(size_t i, enum standing standing, char const *text, size_t len);

size_t recipients_count(enum standing standing);

/* All that stand so stand otherwise from now on, with the texts they have. */
void recipients_become(enum standing from, enum standing to);

/* The same with this text. */
void recipients_all_stand(enum standing from, enum standing to, char const *text, size_t len);

/* A record for each, in order, as far as they were asked. Behind an answer to whom the text of the message, whose letter
   is given, will not be told, stands `without`. */
void recipients_report(char message, char const *without);

#endif
