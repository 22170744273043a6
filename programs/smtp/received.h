/* received: the Received field with which a server says from whom it has a message. */

#ifndef MAILTREE_RECEIVED_H
#define MAILTREE_RECEIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <skalibs/stralloc.h>

enum { RECEIVED_WORD_MAX = 255 };   /* bytes of each inserted word: RFC 5321 4.5.3.1.2 */

struct received {
  char const *remote_host, *remote_ip, *local_host;
  char const *remote_info;              /* null: unknown */
  char const *helo;                     /* null: not said */
  size_t helo_len;
  bool extended;                        /* greeted by EHLO */
  char const *id;                       /* null: not shown */
  char const *only_recipient;           /* null: not shown, or there are several */
  bool secret, proven;                  /* over TLS, by who has logged in (RFC 3848) */
  bool utf8;                            /* SMTPUTF8 was asked for (RFC 6531 4.3) */
  char const *with;                     /* another protocol; null: SMTP, in the form that those above tell */
};

/* Appends the field, two lines. Bytes that have no business in a name become '?'. 1, or 0 without memory. */
int received_field(stralloc *to, struct received const *r, time_t when);

#endif
