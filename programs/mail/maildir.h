/* maildir: put a message into a Maildir so that neither a crash nor a power cut loses or tears it. */

#ifndef MAILTREE_MAILDIR_H
#define MAILTREE_MAILDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quota.h"

enum maildir_result {
  MAILDIR_OK,
  MAILDIR_NO_DIRECTORY,       /* chdir failed for good */
  MAILDIR_CANNOT_READ,
  MAILDIR_TROUBLE,
  MAILDIR_OVER_QUOTA          /* only where there is one */
};

enum { MAILDIR_EXTRA_MAX = 64 };

struct maildir_delivery {
  char const *dir;            /* the Maildir, named from the working directory or absolute */
  char const *head;           /* stands before the message, its first head_len bytes */
  size_t head_len;
  int message_fd;             /* all of it is delivered, from its first byte on */
  uint32_t patience_us;       /* between link and fsync, so that the acceptance of the next message may share its commit */
  char const *extra;          /* for the end of the name, such as ",X=12"; or null */
};

/* The file appears in new/ whole, named TIME.MmicrosPpidQn.HOST,S=SIZE,W=SIZE where W is with CR LF at the end of each line, mode 0600
   less umask, and is on disk together with its name when MAILDIR_OK is returned (one fsync). On any other result nothing is visible; errno tells why. */
enum maildir_result maildir_deliver(struct maildir_delivery const *wanted);

/* The same if the mailbox has room for it, which is noted in its ledger. limit as maildirsize_open has it. *percent becomes
   how full the mailbox was. A quota that the kernel keeps counts as well. */
enum maildir_result maildir_deliver_within(struct maildir_delivery const *wanted, struct quota const *limit, uint64_t *percent);

/* The same for many mailboxes of one owner: the file message_fd itself gets a name in each; head is not for it.
   Errno is EXDEV where it cannot, EMLINK when it has too many. */
enum maildir_result maildir_link_within(struct maildir_delivery const *wanted, struct quota const *limit, uint64_t *percent);

#endif
