/* reason_group: reasons that differ only in whom they name are one. */

#ifndef MAILTREE_REASON_GROUP_H
#define MAILTREE_REASON_GROUP_H

#include <skalibs/stralloc.h>

#include "fields.h"

enum { REASON_GROUP_MAX = 200 };        /* bytes */

/* Appends the reason with blanks for underscores, and in place of addresses,
   addresses of networks, links, numbers and other words that only one message has: ADDRESS, IP, URL, N, ID. Codes
   of SMTP stay (550, 5.7.1). Pure. */
void reason_group(stralloc *to, struct field reason);

#endif
