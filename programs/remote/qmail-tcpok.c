/* qmail-tcpok: forget which hosts did not answer, so that they are tried again at once.

   runs as   root or qmailr
   changes   queue/lock/tcpto: all zero
   exits     0, or 111 when the file cannot be written
*/

#include <skalibs/strerr.h>

#include "die.h"
#include "home.h"
#include "tcpto.h"

static char const *const troubles[] = {
  [TCPTO_CANNOT_OPEN] = "open ", [TCPTO_CANNOT_LOCK] = "lock ", [TCPTO_CANNOT_READ] = "read ",
  [TCPTO_CANNOT_WRITE] = "write "
};

static char const file[] = HOME "/" TCPTO_FILE;

int main(void)
{
  PROG = "qmail-tcpok";
  enter_home();
  enum tcpto_trouble trouble = tcpto_clear();
  if (trouble != TCPTO_FINE) strerr_diefusys(111, troubles[trouble], file);
  return 0;
}
