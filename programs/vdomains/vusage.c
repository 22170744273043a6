/* vusage: how much is in mailboxes of virtual domains.

   runs as   root or the owner of the domains; root becomes each owner
   reads     maildirsize of who has a quota, and the mailbox itself where that cannot be believed, or of who has none
   exits     0 told, 1 no such user or domain, 100 wrong use, 111 trouble of the machine: some are not told
*/

#include <errno.h>
#include <string.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "command.h"
#include "die.h"
#include "domains.h"
#include "json.h"
#include "mailbox_usage.h"
#include "named.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "user_alter.h"

#define USAGE "vusage [ -v ] [ --json ] address | domain ..."

static struct command_option const options[] = {
  { 0 }
};

static struct command command;
static struct named named = NAMED_ZERO;
static struct quota_usage sum;
static bool in_trouble = false;

/* ---- telling ---- */

static void tell(char const *whose, struct quota_usage const *usage)
{
  static stralloc line = STRALLOC_ZERO;
  text_set(&line, command.json ? "{\"name\":" : whose);
  if (command.json && !json_text(&line, whose, strlen(whose))) die_nomem();
  text_add(&line, command.json ? ",\"bytes\":" : ": ");
  text_addu(&line, usage->bytes);
  text_add(&line, command.json ? ",\"messages\":" : " byte(s) in ");
  text_addu(&line, usage->messages);
  text_add(&line, command.json ? "}\n" : " file(s)\n");
  command_answer(&line);
}

static int tell_user(void)
{
  static stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  struct quota_usage usage;
  if (!named_find(&named, &record, &space)) user_alter_refuse_nobody(&named);
  if (!mailbox_usage(&usage, &record)) strerr_diefusys(REFUSE_MACHINE, "look at the mailbox of ", named_address(&named));
  tell(named_address(&named), &usage);
  return 0;
}

static bool add_user(void *nothing, struct vpasswd const *record)
{
  struct quota_usage usage;
  (void)nothing;
  if (mailbox_usage(&usage, record)) {
    sum.bytes += usage.bytes;
    sum.messages += usage.messages;
    return true;
  }
  text_setb(&named.user, record->name.s, record->name.len);
  text_z(&named.user);
  strerr_warnwusys("look at the mailbox of ", named_address(&named));
  in_trouble = true;
  return true;
}

static int tell_domain(void)
{
  static stralloc whose = STRALLOC_ZERO;
  struct store_domain table = named_table(&named);
  enum store_result listed = store_list(&table, add_user, 0);
  if (listed != STORE_DONE) store_refuse(listed, table.name);
  text_set(&whose, "@");
  text_add(&whose, named.domain.real.s);
  tell(text_z(&whose), &sum);
  return in_trouble ? REFUSE_MACHINE : 0;
}

static int work(void *nothing)
{
  (void)nothing;
  return named.user.len ? tell_user() : tell_domain();
}

static int one(char const *word)
{
  if (*word == '@') named_read_domain(&named, word + 1);
  else named_read_either(&named, word);
  return named_work(&named, work, 0);
}

int main(int argc, char *const *argv)
{
  int status = 0;
  PROG = "vusage";
  command = command_read(argc, argv, options, USAGE);
  if (!command.count) command_usage(&command);
  enter_home();
  for (int i = 0; i < command.count; i++) status = domains_worse(status, one(command.words[i]));
  return status;
}
