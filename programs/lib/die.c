#include <unistd.h>

#include <skalibs/strerr.h>

#include "die.h"
#include "home.h"

void (*die_nomem_first)(void);

void die_nomem(void)
{
  if (die_nomem_first) die_nomem_first();
  strerr_dief(111, "out of memory");
}

void enter_home(void)
{
  if (chdir(HOME) == -1) strerr_diefusys(111, "chdir to ", HOME);
}
