#include <fcntl.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "controls_at_home.h"
#include "home.h"

bool controls_at_home(struct control const *table, char const **culprit)
{
  *culprit = HOME;
  int const here = open(".", O_PATH | O_CLOEXEC);
  if (here == -1) return false;
  bool const is_done = chdir(HOME) == 0 && control_load(table, culprit) && fchdir(here) == 0;
  fd_close(here);
  return is_done;
}
