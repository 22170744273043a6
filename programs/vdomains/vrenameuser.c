/* vrenameuser: a user of a virtual domain gets another name; his mail and all that is his stays his.

   runs as   root or the owner of the domain; root becomes the owner
   reads     .qmail-default of the domain: who gets what is nobody's keeps his name
   changes   vpasswd and vpasswd.cdb, the name of the home, in the order of user_rename.h
   exits     0 done, 1 no such user or domain, or the new name is somebody's, 100 wrong use, 111 trouble of the machine
*/

#include <string.h>

#include <skalibs/strerr.h>

#include "catchall.h"
#include "command.h"
#include "die.h"
#include "home_lines.h"
#include "named.h"
#include "onchange.h"
#include "refuse.h"
#include "text.h"
#include "user_remove.h"
#include "user_rename.h"
#include "vname.h"

#define USAGE "vrenameuser [ -v ] [ --json ] [ --dry-run ] address name"

static struct command_option const options[] = {
  { 0 }
};

static struct named named = NAMED_ZERO;
static stralloc name = STRALLOC_ZERO;         /* the new one */

static void refuse_nobody(void)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  if (!named_find(&named, &record, &space)) refuse(VCODE_NO_USER);
}

/* The user has his new name already: app passwords that do not come with it are made anew. */
static void lines_rename(struct store_domain const *table)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  struct field const to = { name.s, name.len };
  if (store_find(table, &record, &space, to) == STORE_DONE && !home_lines_rename(record.dir, named_user(&named), to))
    strerr_warnwusys("keep the app passwords and the host of ", named_address(&named));
  stralloc_free(&space);
}

static int change(void *nothing)
{
  struct store_domain table = named_table(&named);
  (void)nothing;
  if (!command_is_dry()) user_remove_finish(&table, named.domain.dir.s);
  refuse_nobody();
  if (catchall_is(&named, table.directory)) refuse_saying(VCODE_CATCHALL, "can't rename catchall account");
  if (command_only_says("rename ", named_address(&named))) return 0;
  refuse_unless_ok(user_rename(&table, named.domain.dir.s, named_user(&named), (struct field){ name.s, name.len }));
  lines_rename(&table);
  return 0;
}

/* A name, or an address in the same domain. */
static void name_read(char const *word)
{
  static stralloc domain = STRALLOC_ZERO;
  struct domain found = DOMAIN_ZERO;
  if (!vname_split(&name, &domain, word, strlen(word))) die_nomem();
  if (domain.len) domain_need(&found, domain.s, domain.len);
  if (domain.len && strcmp(found.real.s, named.domain.real.s) != 0) refuse_saying(VCODE_INVALID_DOMAIN, "that is another domain");
  refuse_unless_ok(vname_new_user(name.s, name.len, true));
}

/* To the script one has gone and one has come. */
static void tell(void)
{
  onchange_log("rename_user", named_address(&named), text_z(&name));
  onchange_script_user("del_user", named_user(&named), named.domain.real.s);
  onchange_script_user("add_user", (struct field){ name.s, name.len }, named.domain.real.s);
}

int main(int argc, char *const *argv)
{
  PROG = "vrenameuser";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 2, 2);
  enter_home();
  named_read(&named, command.words[0]);
  name_read(command.words[1]);
  int status = named_work(&named, change, 0);
  if (!status && !command.dry_run) tell();
  return status;
}
