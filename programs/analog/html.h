/* html: foreign bytes as text of HTML, inside and outside of attributes. */

#ifndef MAILTREE_HTML_H
#define MAILTREE_HTML_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* What HTML or XML would take for a sign of its own is escaped; a byte that is no UTF-8, or a character that XML has not,
   becomes U+FFFD. */
void html_text(stralloc *to, char const *s, size_t len);

#endif
