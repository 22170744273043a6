#include <fcntl.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "at_home.h"
#include "die.h"

enum { TROUBLE = 111 };

static bool (*is_ours_at_home)(stralloc const *address);

static int leave(void)
{
  int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (here == -1) strerr_diefusys(TROUBLE, "open the working directory");
  enter_home();
  return here;
}

static void come_back(int here)
{
  if (fchdir(here) == -1) strerr_diefusys(TROUBLE, "go back to the working directory");
  fd_close(here);
}

/* Which hosts are ours is read when it is asked for the first time. */
static bool is_ours(stralloc const *address)
{
  int here = leave();
  bool ours = is_ours_at_home(address);
  come_back(here);
  return ours;
}

void at_home(struct rewrite_rules *rules)
{
  int here = leave();
  rewrite_rules_load(rules);
  come_back(here);
  is_ours_at_home = rules->is_ours;
  rules->is_ours = is_ours;
}
