/* vsetuserquota: how much a mailbox may hold, or each one of a virtual domain.

   runs as   root or the owner of the domain; root becomes the owner
   changes   vpasswd and vpasswd.cdb of the domain, all in one; then maildirsize in each Maildir
   exits     0 done, 1 no such user or domain, 100 wrong use, 111 trouble of the machine
*/

#include <string.h>

#include <skalibs/strerr.h>

#include "command.h"
#include "die.h"
#include "named.h"
#include "user_alter.h"
#include "user_quota.h"

#define USAGE "vsetuserquota [ -v ] [ --json ] [ --dry-run ] address|domain quota"

static struct command_option const options[] = {
  { 0 }
};

int main(int argc, char *const *argv)
{
  static struct named named = NAMED_ZERO;
  char quota[QUOTA_TEXT_SIZE];
  PROG = "vsetuserquota";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 2, 2);
  user_quota_read(quota, command.words[1]);
  enter_home();
  named_read_either(&named, command.words[0]);
  return user_alter("set_quota", &named, &(struct store_edit){
    .record = { .quota = { quota, strlen(quota) } }, .fields = STORE_QUOTA
  });
}
