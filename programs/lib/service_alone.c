#include <fcntl.h>

#include <skalibs/strerr.h>

#include "home.h"
#include "lock.h"
#include "service.h"

int service_be_alone(char const *lock)
{
  int fd = open(lock, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd == -1) strerr_diefusys(111, "open ", HOME, "/", lock);
  if (!lock_try(fd)) strerr_dief(111, "another ", PROG, " is running");
  return fd;
}
