#include <skalibs/allreadwrite.h>
#include <skalibs/strerr.h>

#include "output.h"

stralloc output = STRALLOC_ZERO;

void output_flush(void)
{
  if (allwrite(1, output.s, output.len) < output.len) strerr_diefusys(111, "write ", "output");
  output.len = 0;
}
