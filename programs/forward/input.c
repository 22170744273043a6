#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "input.h"
#include "text.h"

enum { TROUBLE = 111, BLOCK = 65536 };

void input_read(stralloc *to)
{
  for (;;) {
    text_room(to, BLOCK);
    ssize_t r = fd_read(0, to->s + to->len, BLOCK);
    if (r == -1) strerr_diefusys(TROUBLE, "read input");
    if (!r) return;
    to->len += (size_t)r;
    if (to->len > INPUT_MAX) strerr_dief(TROUBLE, "the input has more than 1 GiB");
  }
}

mode_t input_mode(void)
{
  mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

_Noreturn void input_fault(int code, char const *name, size_t line, char const *fault)
{
  char number[SIZE_FMT];
  number[size_fmt(number, line)] = 0;
  strerr_dief(code, name, " line ", number, ": ", fault);
}

void input_warn(char const *name, size_t line, char const *fault, char const *what)
{
  char number[SIZE_FMT];
  number[size_fmt(number, line)] = 0;
  strerr_warnw(name, " line ", number, ": ", fault, what);
}
