/* vadduser: a mailbox in a virtual domain.

   runs as   root or the owner of the domain; root becomes the owner for what touches the domain's directory
   reads     users/cdb, the limits of the domain and of the site, a password
   changes   the domain's directory: .dir-control, the home with its Maildir, vpasswd and vpasswd.cdb; the record last
   exits     0 done, 1 not as things are, 100 wrong use, 111 trouble of the machine
*/

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "as_owner.h"
#include "bulk.h"
#include "command.h"
#include "die.h"
#include "hash.h"
#include "limits.h"
#include "named.h"
#include "onchange.h"
#include "password.h"
#include "record_fit.h"
#include "refuse.h"
#include "store_choice.h"
#include "tree.h"
#include "user_add.h"
#include "user_quota.h"
#include "vname.h"

#define USAGE "vadduser [ -q quota ] [ -c comment ] [ -e crypted ] [ -r[length] ] " \
  "[ --json ] [ --dry-run ] address [ password ]\n" \
  "       vadduser [ -q quota ] [ --json ] [ --dry-run ] -f file"

static char const *quota = 0, *comment = 0, *crypted = 0;
static char const *list = 0;
static uint32_t random_length = 0;
static bool skips = false;

static struct command_option const options[] = {
  { 'q', COMMAND_TEXT, &quota },
  { 'c', COMMAND_TEXT, &comment },
  { 'e', COMMAND_TEXT, &crypted },
  { 'f', COMMAND_TEXT, &list },
  { 'r', COMMAND_LENGTH, &random_length },
  { 's', COMMAND_FLAG, &skips },
  { 0 }
};

static struct named named = NAMED_ZERO;

static char const *quota_wanted(int directory)
{
  static char text[QUOTA_TEXT_SIZE];
  struct vlimits limits;
  if (quota) user_quota_read(text, quota);
  else {
    limits_read(&limits, directory);
    limits_new_quota(text, &limits);
  }
  return text;
}

static int add(void *record)
{
  struct store_domain domain = named_table(&named);
  user_add(&domain, named.domain.dir.s, *(struct vpasswd *)record);
  return 0;
}

static int add_list(struct command const *command)
{
  if (comment || crypted || random_length) command_usage(command);
  command_need_words(command, 0, 0);
  return bulk_add(list, quota);
}

int main(int argc, char *const *argv)
{
  PROG = "vadduser";
  struct command command = command_read(argc, argv, options, USAGE);
  if (list) return add_list(&command);
  command_need_words(&command, 1, 2);
  if (skips) strerr_warnw("-s does nothing: the table is made anew in any case");
  enter_home();
  named_read(&named, command.words[0]);
  named_refuse_strangers(&named);
  refuse_unless_ok(vname_new_user(named.user.s, named.user.len, true));
  int directory = tree_open(named.domain.dir.s);
  if (directory == -1) strerr_diefusys(111, "open ", named.domain.dir.s);
  struct store_domain const table = { named.domain.real.s, directory, store_of(named.domain.real.s), STORE_AS_IT_IS };
  user_add_refuse_known(&table, named_user(&named));
  limits_site_read();
  user_add_refuse_too_many(&table, 1);
  if (command_only_says("add ", named_address(&named))) return 0;
  struct vpasswd record = {
    .name = named_user(&named),
    .hash = field_of(crypted ? crypted : password_new(command.words[1], random_length, command.words[0])),
    .comment = field_of(comment ? comment : named.user.s),
    .quota = field_of(quota_wanted(directory)),
    .uid = 1
  };
  refuse_unless_ok(record_fit(&record));
  return onchange_after(as_owner(named.domain.uid, named.domain.gid, directory, add, &record), "add_user", &named, 0);
}
