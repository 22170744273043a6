/* bulletin: one message for many mailboxes of virtual domains. */

#ifndef MAILTREE_VDOMAINS_BULLETIN_H
#define MAILTREE_VDOMAINS_BULLETIN_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "vpasswd.h"

struct bulletin {
  int fd;               /* the message */
  int shared;           /* a file of the domain that all its mailboxes have links to; or -1 */
  stralloc head;        /* what each copy begins with, behind its To */
};
#define BULLETIN_ZERO { .fd = -1, .shared = -1, .head = STRALLOC_ZERO }

enum bulletin_opened { BULLETIN_OPEN, BULLETIN_EMPTY, BULLETIN_NO_FILE, BULLETIN_UNREADABLE /* errno */ };

enum bulletin_opened bulletin_open(struct bulletin *b, char const *path);

/* From now on the mailboxes of the domain whose directory this is share one file, to which nothing is added. As its owner.
   Where that cannot be each has a copy. */
void bulletin_share(struct bulletin *b, int directory);

enum bulletin_result {
  BULLETIN_DELIVERED,
  BULLETIN_FULL,        /* the mailbox is over its quota, or would be */
  BULLETIN_NO_HOME,     /* the record names none: it will be made when he first gets mail */
  BULLETIN_TROUBLE      /* errno; the mailbox is as it was */
};

/* On disk when it is delivered, and in the ledger of the mailbox. */
enum bulletin_result bulletin_deliver(struct bulletin const *b, struct vpasswd const *record, char const *address);

#endif
