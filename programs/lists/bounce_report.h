/* bounce_report: what a message that says that another one could not be delivered says, and about whom. It understands the
   bounces of qmail (QSBMF) and delivery reports (RFC 3464). Pure. */

#ifndef MAILTREE_BOUNCE_REPORT_H
#define MAILTREE_BOUNCE_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

enum { BOUNCE_REPORT_MAX = 1 << 23 };       /* bytes of a message that are looked at */

struct bounce_failure {
  struct field address;         /* of whom, without <> */
  struct field head, text;      /* how the message begins, and what it says of him */
  bool passes;                  /* for a reason that passes by itself: a full mailbox, trouble of a host that answers */
};

/* Hands each recipient that has failed to put; returns how many. */
size_t bounce_failures(struct field message, void (*put)(void *arg, struct bounce_failure const *f), void *arg);

/* Whether it names a reason, and none but such as pass. */
bool bounce_passes(struct field message);

/* Whether a status code (RFC 3463), the first in the text, is such a reason: x.2.2, and 4.x.x but for 4.4.x, which says that no
   host was there all the time that mail waits. */
bool bounce_status_passes(struct field text);

#endif
