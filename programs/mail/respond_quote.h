/* respond_quote: what of a message can be quoted below an answer: its text, or the first plain text of its parts, in
   UTF-8. Pure. */

#ifndef MAILTREE_RESPOND_QUOTE_H
#define MAILTREE_RESPOND_QUOTE_H

#include <skalibs/stralloc.h>

#include "fields.h"
#include "mail_header.h"

enum {
  RESPOND_QUOTE_MAX = 65536,      /* bytes of a body that are looked at */
  RESPOND_QUOTE_DEPTH = 5         /* parts within parts */
};

/* Replaces *to. It stays empty when there is no text that can be read: of another kind, or in another character set. */
void respond_quote(stralloc *to, struct mail_header const *header, struct field body);

#endif
