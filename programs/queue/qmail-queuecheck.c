/* qmail-queuecheck: look at the frame of the queue, create what is missing, correct what is wrong.

   runs as   root, by hand, at installation; qmail-start does the same at every start
   changes   directories and lock files of HOME/queue (queue_layout.h), never a message
   prints    one line for each correction; nothing when all is well
   options   -n: only look, and tell what is wrong
   exits     0 all is well now, 1 something is wrong (-n), 100 wrong use, 111 something could not be repaired
*/

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "die.h"
#include "queue_layout.h"

#define USAGE "qmail-queuecheck [ -n ]"

static bool has_told = false;

static void told(char const *path, char const *what)
{
  has_told = true;
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
  bool only_look = argc == 2 && strcmp(argv[1], "-n") == 0;
  if (argc > 1 && !only_look) strerr_dieusage(100, USAGE);
  if (getuid() != 0) strerr_dief(100, "only root can check the queue");
  enter_home();
  if (only_look ? !queue_layout_look(told, &culprit) : !queue_layout_repair(told, &culprit))
    strerr_diefusys(111, only_look ? "look at " : "repair ", culprit);
  return only_look && has_told;
}
