/* vchangepw: a user of a virtual domain changes his own password; fit for a login shell.

   runs as   the owner of the domain, or root, who becomes the owner
   reads     the address, the old password, the new one twice; from a pipe one line each
   changes   vpasswd and vpasswd.cdb of the domain; tells syslog, facility auth
   exits     0 done, 1 no such domain, or the password stays, 3 the old password is wrong, 100 wrong use, 111 trouble of the machine
*/

#include <stdbool.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "command.h"
#include "die.h"
#include "hash.h"
#include "limits.h"
#include "named.h"
#include "onchange.h"
#include "password.h"
#include "refuse.h"
#include "saying.h"
#include "text.h"
#include "user_password.h"

#define USAGE "vchangepw [ -v ] [ --json ] [ --dry-run ]"

enum { ADDRESS_MAX = 512, WRONG_PASSWORD = 3 };

static struct command_option const options[] = {
  { 0 }
};

static struct named named = NAMED_ZERO;

_Noreturn static void refuse_old(void)
{
  syslog(LOG_AUTH | LOG_NOTICE, "vchangepw: wrong old password for %s", named_address(&named));
  refuse_text("Error: authentication failed!");
  _exit(WRONG_PASSWORD);
}

/* Nobody learns here who is there. */
static void old_check(void)
{
  static stralloc old = STRALLOC_ZERO, space = STRALLOC_ZERO;
  struct vpasswd record = { .hash = { 0, 0 } };
  password_ask_once(&old, "Please enter old password: ");
  named_find(&named, &record, &space);
  switch (hash_verify(record.hash.s, record.hash.len, old.s, old.len)) {
    case HASH_RIGHT: return;
    case HASH_TROUBLE: strerr_diefusys(111, "check the password");
    default: refuse_old();
  }
}

static int change(void *nothing)
{
  (void)nothing;
  old_check();
  user_password_need(&named);
  if (command_only_says("change the password of ", named_address(&named))) return 0;
  user_password_store(&named, password_new(0, 0, named_address(&named)));
  syslog(LOG_AUTH | LOG_NOTICE, "vchangepw: password of %s changed", named_address(&named));
  saying("says", "Password successfully changed.");
  return 0;
}

int main(int argc, char *const *argv)
{
  static stralloc address = STRALLOC_ZERO;
  PROG = "vchangepw";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 0, 0);
  openlog(PROG, LOG_PID, LOG_AUTH);
  password_ask_name(&address, "Please enter your email address: ", ADDRESS_MAX);
  if (memchr(address.s ? address.s : "", 0, address.len)) refuse(VCODE_INVALID_CHARACTER);
  enter_home();
  limits_site_read();
  named_read(&named, text_z(&address));
  return onchange_after(named_work(&named, change, 0), "set_password", &named, 0);
}
