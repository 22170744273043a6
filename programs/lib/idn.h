/* idn: names of hosts and domains beyond ASCII, as DNS and all tables have them (RFC 5891). */

#ifndef MAILTREE_IDN_H
#define MAILTREE_IDN_H

#include <stddef.h>

#include <skalibs/stralloc.h>

enum { IDN_NAME_MAX = 253, IDN_LABEL_MAX = 63 };      /* bytes as DNS has them */

enum idn_result { IDN_OK, IDN_BAD, IDN_TOO_LONG, IDN_NO_MEMORY };

/* Replaces *to by the name with A-labels, in lower case. What is ASCII already is no matter of this. Characters that are
   others written wide, or in another way, have become those: a full stop of another script is a dot here. Nothing but
   letters, digits, hyphens and underlines stands between the dots, and no label is empty: else it is IDN_BAD. Where the
   result is not IDN_OK, *to is anything. */
enum idn_result idn_to_ascii(stralloc *to, char const *s, size_t len);

/* Appends the text with each character in one piece where there is such a one (NFC): so that what looks the same is the
   same, whatever it was typed on. What is no UTF-8 is IDN_BAD. */
enum idn_result idn_compose(stralloc *to, char const *s, size_t len);

#endif
