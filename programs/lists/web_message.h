/* web_message: a message of an archive as HTML: who, when, what, and its parts that are text. Whatever stands in it, it stays text;
   parts that are none are named. Pure. */

#ifndef MAILTREE_WEB_MESSAGE_H
#define MAILTREE_WEB_MESSAGE_H

#include <skalibs/stralloc.h>

#include "fields.h"
#include "web_text.h"

enum { WEB_MESSAGE_MAX = 1 << 22, WEB_PARTS_MAX = 100, WEB_DEPTH_MAX = 10 };

/* Appends it. charset: of what says none. */
void web_message_add(stralloc *to, struct field message, enum web_addresses addresses, char const *charset);

/* Appends the value of a field as UTF-8 on one line. */
void web_field_add(stralloc *to, struct field message, char const *name);

#endif
