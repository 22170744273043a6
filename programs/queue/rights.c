#include <errno.h>
#include <grp.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "accounts.h"
#include "rights.h"

static uid_t uids[3];

static char const *const names[] = { [AS_CALLER] = "root", [AS_SEND] = "qmails", [AS_QUEUE] = "qmailq" };

/* From one to another only by way of root. */
void rights_take(enum rights r)
{
  int e = errno;
  if (geteuid() == uids[r]) return;
  if ((geteuid() != uids[AS_CALLER] && seteuid(uids[AS_CALLER]) == -1) || seteuid(uids[r]) == -1)
    strerr_diefusys(111, "become user ", names[r]);
  errno = e;
}

void rights_begin(void)
{
  uids[AS_CALLER] = getuid();
  uids[AS_SEND] = account_uid("qmails");
  uids[AS_QUEUE] = account_uid("qmailq");
  gid_t gid = account_gid("qmail");
  if (getuid() != 0 && getuid() != uids[AS_SEND]) strerr_dief(100, "only root and qmails may look into the queue");
  if (getuid() == 0 && (setgroups(1, &gid) == -1 || setegid(gid) == -1)) strerr_diefusys(111, "enter group ", "qmail");
  rights_take(AS_SEND);
}
