/* vdeluser: a user of a virtual domain goes, with all his mail.

   runs as   root or the owner of the domain; root becomes the owner
   reads     .qmail-default of the domain: who gets what is nobody's cannot go
   changes   vpasswd and vpasswd.cdb, the home, .dir-control and .dir_control_free, in the order of user_remove.h
   exits     0 done, 1 no such user or domain, or the catch-all, 100 wrong use, 111 trouble of the machine
*/

#include <skalibs/strerr.h>

#include "catchall.h"
#include "command.h"
#include "die.h"
#include "named.h"
#include "onchange.h"
#include "refuse.h"
#include "user_remove.h"

#define USAGE "vdeluser [ -v ] [ --json ] [ --dry-run ] address"

static struct command_option const options[] = {
  { 0 }
};

static struct named named = NAMED_ZERO;

static void refuse_nobody(void)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  if (!named_find(&named, &record, &space)) refuse(VCODE_NO_USER);
}

static int drop(void *nothing)
{
  struct store_domain table = named_table(&named);
  (void)nothing;
  if (!command_is_dry()) user_remove_finish(&table, named.domain.dir.s);
  refuse_nobody();
  if (catchall_is(&named, table.directory)) refuse(VCODE_CATCHALL);
  if (command_only_says("remove ", named_address(&named))) return 0;
  if (!user_remove(&table, named.domain.dir.s, named_user(&named))) refuse(VCODE_NO_USER);
  return 0;
}

int main(int argc, char *const *argv)
{
  PROG = "vdeluser";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 1, 1);
  enter_home();
  named_read(&named, command.words[0]);
  return onchange_after(named_work(&named, drop, 0), "del_user", &named, 0);
}
