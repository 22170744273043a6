/* vpasswd: a new password for a user of a virtual domain.

   runs as   root or the owner of the domain; root becomes the owner
   reads     the user's record, the limits of the domain and of the site, a password
   changes   vpasswd and vpasswd.cdb of the domain
   exits     0 done, 1 no such user or domain, or one whose password stays, 100 wrong use, 111 trouble of the machine
*/

#include <stdint.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "command.h"
#include "die.h"
#include "limits.h"
#include "named.h"
#include "onchange.h"
#include "password.h"
#include "user_password.h"

#define USAGE "vpasswd [ -v ] [ -r[length] ] [ --json ] [ --dry-run ] address [ password ]"

static uint32_t random_length = 0;

static struct command_option const options[] = {
  { 'r', COMMAND_LENGTH, &random_length },
  { 0 }
};

static struct named named = NAMED_ZERO;

static int change(void *words_)
{
  char *const *words = words_;
  user_password_need(&named);
  if (command_only_says("change the password of ", named_address(&named))) return 0;
  user_password_store(&named, password_new(words[1], random_length, words[0]));
  return 0;
}

int main(int argc, char *const *argv)
{
  PROG = "vpasswd";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 1, 2);
  enter_home();
  limits_site_read();
  named_read(&named, command.words[0]);
  return onchange_after(named_work(&named, change, (void *)(uintptr_t)command.words), "set_password", &named, 0);
}
