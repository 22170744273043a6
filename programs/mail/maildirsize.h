/* maildirsize: the ledger in a Maildir that tells how full it is without looking at every file (Maildir++). IMAP servers
   keep the same one. It is only as true as all who keep it: it is made anew when it cannot be believed
   (maildirsize_text.h), once a day, and now and then by chance.

     struct maildirsize m;
     if (!maildirsize_open(&m, dir, &limit, size)) ...trouble
     if (quota_fits(&m.limit, &m.usage, size)) ...deliver, and then maildirsize_add(&m, size, 1);
     maildirsize_close(&m);

   Nobody locks it, so others may make it anew at any time. Who changes the mailbox opens it first, changes, and adds to
   the one he has opened; if that has been replaced meanwhile nobody can know whether the change was counted, and the
   new one goes. Who counts throws his ledger away if the mailbox has changed. So no message is counted twice or never,
   and a ledger that is missing is made by the next who needs it. */

#ifndef MAILTREE_MAILDIRSIZE_H
#define MAILTREE_MAILDIRSIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "quota.h"

struct maildirsize {
  int dir;                    /* the Maildir that has the ledger */
  bool is_parent;             /* since it is not the one that was asked for */
  bool is_kept;               /* a ledger is there, or should be */
  int fd;                     /* the ledger, or -1 */
  struct quota limit;
  struct quota_usage usage;
};

/* Opens the ledger of the Maildir at descriptor dir, or of the one above if it is a folder (has a file maildirfolder):
   to know whether there is room for one more message of that size. Without a limit nothing is counted, and usage is 0;
   a limit of null is what the ledger says, if there is one. False with errno when it cannot be told. */
bool maildirsize_open(struct maildirsize *m, int dir, struct quota const *limit, uint64_t size);

/* The same, and counts in any case: when limits have been changed, or the truth is wanted. */
bool maildirsize_open_new(struct maildirsize *m, int dir, struct quota const *limit);

/* Opens the ledger that this directory has, if any, only to add to it. One system call. */
void maildirsize_find(struct maildirsize *m, int dir);

/* Notes what has come, or, as negative numbers, what has gone. */
void maildirsize_add(struct maildirsize *m, int64_t bytes, int64_t messages);

void maildirsize_close(struct maildirsize *m);

#endif
