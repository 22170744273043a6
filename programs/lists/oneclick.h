/* oneclick: the address of a page by which one subscriber leaves one list (RFC 8058), and the request that says so. Pure.

     BASE:TIME.COOKIE:TABLE:ADDRESS     BASE is what DIR/oneclick says, and ends with the number of the list: https://host/ezmlm-oneclick?1
                                        TABLE is empty, or digest; ADDRESS has all that is no letter or digit as %XX */

#ifndef MAILTREE_ONECLICK_H
#define MAILTREE_ONECLICK_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "cookie.h"
#include "fields.h"

enum {
  ONECLICK_QUERY_MAX = 2048, ONECLICK_BODY_MAX = 8192, ONECLICK_LINE_MAX = 900,
  ONECLICK_LIFE = 400 * 86400           /* of a link: mail is read again, and a year of it is kept by many */
};

struct oneclick {
  uint64_t list;
  char const *table;                    /* ".", "digest" */
  struct dated_cookie cookie;
  stralloc address;
};

/* What is behind the '?'; false: it is none of these. */
bool oneclick_read(struct oneclick *to, struct field query);

/* Whether the list with this key gave it out, and not too long ago. */
bool oneclick_is_ours(struct oneclick const *o, struct field key, uint64_t now);

/* Appends the address of the page; false, and nothing appended: the base is no https URI, or all of it would be too long for a header. */
bool oneclick_add(stralloc *to, struct field base, struct field key, char const *table, uint64_t now, struct field address);

/* Whether that is what RFC 8058 3.1 wants to be sent: List-Unsubscribe=One-Click as a form, of either kind. */
bool oneclick_is_said(struct field type, struct field body);

/* Appends it with %XX for all bytes but letters, digits and -._~ (RFC 3986). */
void oneclick_percent(stralloc *to, struct field f);

#endif
