/* qmail-tcpok: forget which hosts did not answer, and with which TLS failed, so that it is tried again at once.

   runs as   root or qmailr
   changes   queue/lock/tcpto, queue/lock/tlsfailed: all zero
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

static void forget(char const *file)
{
  enum tcpto_trouble trouble = tcpto_clear(file);
  if (trouble != TCPTO_FINE) strerr_diefusys(111, troubles[trouble], HOME, "/", file);
}

int main(void)
{
  PROG = "qmail-tcpok";
  enter_home();
  forget(TCPTO_FILE);
  forget(TCPTO_TLS_FILE);
  return 0;
}
