/* qmail-queuecheck: look at the queue: its frame, and whether what lies in it can be delivered. Create what is missing,
   correct what is wrong.

   runs as   root, by hand, at installation; qmail-start does the same at every start
   changes   directories and lock files of HOME/queue (queue_layout.h); owner, mode and directory of messages
             (mess_check.h), never their contents
   prints    one line for each correction; nothing when all is well
   options   -n: only look, and tell what is wrong
   exits     0 all is well now, 1 something is wrong (-n), 100 wrong use, 111 something could not be repaired
*/

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "die.h"
#include "mess_check.h"
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

static bool frame(bool only_look, char const **culprit)
{
  return only_look ? queue_layout_look(told, culprit) : queue_layout_repair(told, culprit);
}

/* Of what is missing the frame's lines tell. */
static bool is_made(void)
{
  struct stat mess, bounce;
  return stat("queue/mess", &mess) == 0 && lstat("queue/bounce", &bounce) == 0 && S_ISDIR(bounce.st_mode);
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-queuecheck";
  char const *culprit;
  bool only_look = argc == 2 && strcmp(argv[1], "-n") == 0;
  if (argc > 1 && !only_look) strerr_dieusage(100, USAGE);
  if (getuid() != 0) strerr_dief(100, "only root can check the queue");
  enter_home();
  if (!frame(only_look, &culprit) || (is_made() && !mess_is_old() && !mess_check(told, only_look, &culprit)))
    strerr_diefusys(111, only_look ? "look at " : "repair ", culprit);
  return only_look && has_told;
}
