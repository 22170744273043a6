#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "as_owner.h"
#include "become.h"

enum { TROUBLE = 111 };

static int in_child(uid_t uid, gid_t gid, int directory, int (*does)(void *), void *with)
{
  umask(077);
  if (fchdir(directory) == -1) strerr_diefusys(TROUBLE, "enter the directory of the domain");
  if (geteuid() != uid && !become(uid, gid)) strerr_diefusys(TROUBLE, "become the owner of the domain");
  return does(with);
}

int as_owner(uid_t uid, gid_t gid, int directory, int (*does)(void *), void *with)
{
  int wstat;
  pid_t pid = fork();
  if (pid == -1) strerr_diefusys(TROUBLE, "fork");
  if (pid == 0) _exit(in_child(uid, gid, directory, does, with));
  if (wait_pid(pid, &wstat) != pid) strerr_diefusys(TROUBLE, "wait");
  if (!WIFEXITED(wstat)) strerr_dief(TROUBLE, "killed in the middle of its work");
  return WEXITSTATUS(wstat);
}
