/* vmkpasswd: vpasswd.cdb of a virtual domain made anew of vpasswd, which somebody has edited.

   runs as   root or the owner of the domain; root becomes the owner
   changes   vpasswd.cdb
   exits     0 done, 1 no such domain, 100 wrong use, 111 trouble of the machine
*/

#include <skalibs/strerr.h>

#include "command.h"
#include "die.h"
#include "named.h"
#include "refuse.h"
#include "store_refuse.h"

#define USAGE "vmkpasswd [ -v ] [ --json ] [ --dry-run ] domain"

static struct command_option const options[] = {
  { 0 }
};

static int renew(void *named)
{
  struct store_domain table = named_table(named);
  if (command_only_says("make vpasswd.cdb of ", table.name)) return 0;
  if (table.store != &store_cdb) refuse_saying(VCODE_UPDATE_FILE, "control/usersbackend says that no vpasswd keeps the users of this domain");
  enum store_result r = store_cdb_renew(&table);
  if (r != STORE_DONE) store_refuse(r, table.name);
  return 0;
}

int main(int argc, char *const *argv)
{
  static struct named named = NAMED_ZERO;
  PROG = "vmkpasswd";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 1, 1);
  enter_home();
  named_read_domain(&named, command.words[0]);
  return named_work(&named, renew, &named);
}
