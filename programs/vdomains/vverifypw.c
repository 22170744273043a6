/* vverifypw: whether a password is that of a user of a virtual domain.

   runs as   root or the owner of the domain; root becomes the owner
   reads     vpasswd.cdb of the domain; what is not on the command line from standard input
   exits     0 it is, 1 it is not, 100 wrong use, 111 trouble of the machine
*/

#include <stdbool.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "command.h"
#include "die.h"
#include "hash.h"
#include "named.h"
#include "password.h"
#include "refuse.h"
#include "saying.h"
#include "text.h"

#define USAGE "vverifypw [ -ev ] [ --json ] [ address [ password ] ]"

enum { ADDRESS_MAX = 512 };

static bool is_hash = false;

static struct command_option const options[] = {
  { 'e', COMMAND_FLAG, &is_hash },
  { 0 }
};

static struct named named = NAMED_ZERO;
static stralloc password = STRALLOC_ZERO;

/* What is stored, as it is; an empty one is nobody's. */
static enum hash_result compare(struct field stored)
{
  bool same = stored.len && stored.len == password.len && memcmp(stored.s, password.s, stored.len) == 0;
  return same ? HASH_RIGHT : HASH_WRONG;
}

/* Who is not there takes as long as who is. */
static enum hash_result judge(void)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  if (!named_find(&named, &record, &space)) return hash_verify(0, 0, password.s, password.len);
  return is_hash ? compare(record.hash) : hash_verify(record.hash.s, record.hash.len, password.s, password.len);
}

static int verify(void *nothing)
{
  (void)nothing;
  switch (judge()) {
    case HASH_RIGHT: saying("says", "User authenticated."); return 0;
    case HASH_WRONG: refuse_in_words(REFUSE_NO, "Error: authentication failed!");
    case HASH_UNKNOWN: strerr_dief(111, "what is stored is no hash that is known");
    default: strerr_diefusys(111, "check the password");
  }
}

int main(int argc, char *const *argv)
{
  static stralloc address = STRALLOC_ZERO;
  PROG = "vverifypw";
  struct command command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, 0, 2);
  if (command.count > 0) text_set(&address, command.words[0]);
  else password_ask_name(&address, "Please enter the email address: ", ADDRESS_MAX);
  if (command.count > 1) text_set(&password, command.words[1]);
  else password_ask_once(&password, "Please enter the password: ");
  if (memchr(address.s ? address.s : "", 0, address.len)) refuse(VCODE_INVALID_CHARACTER);
  enter_home();
  named_read(&named, text_z(&address));
  return named_work(&named, verify, 0);
}
