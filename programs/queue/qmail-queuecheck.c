/* qmail-queuecheck: look at the frame of the queue, create what is missing, correct what is wrong.

   runs as   root, by hand, at installation; qmail-start does the same at every start
   changes   directories and lock files of HOME/queue (queue_layout.h), never a message
   prints    one line for each correction; nothing when all is well
   exits     0 all is well now, 100 wrong use, 111 something could not be repaired
*/

#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "die.h"
#include "queue_layout.h"

static void told(char const *path, char const *what)
{
  buffer_puts(buffer_1, PROG);
  buffer_puts(buffer_1, ": ");
  buffer_puts(buffer_1, path);
  buffer_puts(buffer_1, ": ");
  buffer_puts(buffer_1, what);
  buffer_putsflush(buffer_1, "\n");
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-queuecheck";
  char const *culprit;
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  if (getuid() != 0) strerr_dief(100, "only root can repair the queue");
  enter_home();
  if (!queue_layout_repair(told, &culprit)) strerr_diefusys(111, "repair ", culprit);
  return 0;
}
