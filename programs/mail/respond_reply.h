/* respond_reply: the answer of a robot, made of a text that somebody wrote and of the message that is answered. Pure but
   for the Message-ID. RFC 3834 section 3.

   The text has a header of its own, From and Subject at least, or none. */

#ifndef MAILTREE_RESPOND_REPLY_H
#define MAILTREE_RESPOND_REPLY_H

#include <stdbool.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "mail_header.h"

struct respond_reply {
  struct mail_header const *text;
  struct field body;                    /* of the text */
  struct mail_header const *original;
  struct field quoted;                  /* of the original, in UTF-8; or empty */
  struct field to, from;                /* addresses; from is for a text that does not say */
  time_t now;
};

/* Appends the answer. */
void respond_reply_add(stralloc *to, struct respond_reply const *reply);

/* Whether a quotation in UTF-8 can stand below the text. */
bool respond_reply_can_quote(struct mail_header const *text, struct field body);

#endif
