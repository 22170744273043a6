/* web_text: foreign text in a page of HTML. Whatever it is, it stays text, in any charset that has ASCII in it. Pure. */

#ifndef MAILTREE_WEB_TEXT_H
#define MAILTREE_WEB_TEXT_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum web_addresses { WEB_SHOW, WEB_MASK, WEB_HIDE };

/* Appends the text: < > & " ' and all that is not ASCII as character references, control characters but tab and newline left out.
   Bytes that are no UTF-8 are taken for ISO-8859-1. Of addresses the host is left out, or all of the address. */
void web_text_add(stralloc *to, struct field text, enum web_addresses addresses);

/* Appends it as a part of a URL. */
void web_url_add(stralloc *to, struct field text);

/* Appends a text in that charset as UTF-8; what cannot be read becomes '?'. */
void web_utf8_add(stralloc *to, struct field text, char const *charset);

/* Whether it is the name of a charset in which ASCII means what it says. */
bool web_charset_is_plain(struct field name);

#endif
