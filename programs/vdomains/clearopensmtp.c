/* clearopensmtp: forget from where users have logged in too long ago to send mail from there.

   runs as   root or vpopmail; root becomes vpopmail
   reads     HOME/control/roaming
   changes   etc/open-smtp below the home of vpopmail
   exits     0 done, or there is nothing to do; 100 wrong use, 111 trouble of the machine
*/

#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "as_owner.h"
#include "command.h"
#include "control.h"
#include "die.h"
#include "roaming.h"
#include "saying.h"
#include "site.h"

#define USAGE "clearopensmtp [ -v ] [ --json ] [ --dry-run ]"

enum { TROUBLE = 111 };

static unsigned long minutes;

static struct control const controls[] = {
  /* file       kind            goes to    when absent */
  { "roaming",  CONTROL_NUMBER, &minutes,  "0" },
  { 0 }
};

static struct command_option const options[] = {
  { 0 }
};

static int clear(void *with)
{
  (void)with;
  if (command_only_says("remove what is too old from ", ROAMING_FILE)) return 0;
  if (!roaming_clear()) strerr_diefusys(TROUBLE, "change ", site_find()->home, "/etc/", ROAMING_FILE);
  return 0;
}

static void say_it_is_off(void)
{
  saying("says", "Roaming users are switched off: see control/roaming.");
}

static int clear_as_owner(void)
{
  struct site const *site = site_find();
  int etc = site_open_etc();
  if (etc == -1) strerr_diefusys(TROUBLE, "open ", site->home, "/etc");
  return as_owner(site->uid, site->gid, etc, clear, 0);
}

int main(int argc, char *const *argv)
{
  PROG = "clearopensmtp";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 0, 0);
  enter_home();
  control_load_or_die(controls);
  roaming_set(minutes);
  if (roaming_is_on()) return clear_as_owner();
  say_it_is_off();
  return 0;
}
