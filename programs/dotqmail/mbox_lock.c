#include <signal.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "lock.h"
#include "mbox_lock.h"

enum { TROUBLE = 111, SECONDS = 30 };

static char const *waited_for;

static void give_up(int signal_number)
{
  (void)signal_number;
  strerr_dief(TROUBLE, waited_for, " is locked by another program");
}

/* On a disk of another host there may be no locks. */
void mbox_lock(int fd, char const *path)
{
  waited_for = path;
  signal(SIGALRM, give_up);
  alarm(SECONDS);
  if (!lock_wait(fd)) strerr_warnwusys("lock ", path);
  alarm(0);
}
