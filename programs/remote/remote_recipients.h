/* remote_recipients: where each recipient stands while servers are asked about them. Nothing is reported before the end:
   only then it is known which answers were about whom. */

#ifndef MAILTREE_REMOTE_RECIPIENTS_H
#define MAILTREE_REMOTE_RECIPIENTS_H

#include <stddef.h>

enum standing {
  UNASKED,
  TAKEN,            /* shares the fate of the message */
  PUT_OFF,
  ANSWERED_NO,      /* refused, if that was the answer to this recipient and not to another one */
  REFUSED
};

/* All are unasked. */
void recipients_begin(size_t count);

/* From now on the recipient stands so; the text, which is copied, goes with it in the report. */
void recipient_stands(size_t i, enum standing standing, char const *text, size_t len);

size_t recipients_count(enum standing standing);

/* All that stand so stand otherwise from now on, with the texts they have. */
void recipients_turn(enum standing from, enum standing to);

/* A record for each, in order, as far as they were asked. */
void recipients_report(void);

#endif
