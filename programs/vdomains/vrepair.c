/* vrepair: finish what a command that changes virtual domains began, and a kill or a power cut ended.

   runs as   root, when the service qmail-users starts, or by hand
   changes   what users/vdomains.plan says (change.h); nothing when there is none, and with --dry-run
   exits     0 nothing is left to do, 100 wrong use, 111 trouble of the machine
*/

#include <skalibs/strerr.h>

#include "change.h"
#include "command.h"
#include "die.h"
#include "refuse.h"

#define USAGE "vrepair [ -v ] [ --json ] [ --dry-run ]"

static struct command_option const options[] = {
  { 0 }
};

static void show(struct command const *command)
{
  stralloc plan = STRALLOC_ZERO;
  change_left(&plan);
  command_change(command, &plan);
}

int main(int argc, char *const *argv)
{
  PROG = "vrepair";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 0, 0);
  refuse_unless_root();
  enter_home();
  if (command.dry_run) show(&command);
  else change_begin();
  return 0;
}
