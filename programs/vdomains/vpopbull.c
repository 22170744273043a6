/* vpopbull: a message into each mailbox of some virtual domains, or of all.

   runs as   root or the owner of the domains; root becomes each owner
   reads     the message, whom to leave out, the users of each domain
   changes   the mailboxes: a file in new/ of each, and its maildirsize; a home that is missing is made
   exits     0 done, 1 some mailbox was full, or there is no such domain, 100 wrong use, 111 some did not get it for trouble
*/

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "bulletin.h"
#include "command.h"
#include "control.h"
#include "die.h"
#include "domains.h"
#include "json.h"
#include "named.h"
#include "nameset.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"

#define USAGE "vpopbull -f file [ -e excludefile ] [ -nVv ] [ -c | -h | -s ] [ --json ] [ --dry-run ] [ domain ... ]\n" \
  "       vpopbull -n [ -e excludefile ] [ --json ] [ domain ... ]"

static char const *file = 0, *exclude = 0;
static bool only_lists = false, lists = false, copies = false, links = false, symlinks = false;

static struct command_option const options[] = {
  { 'f', COMMAND_TEXT, &file },
  { 'e', COMMAND_TEXT, &exclude },
  { 'n', COMMAND_FLAG, &only_lists },
  { 'V', COMMAND_FLAG, &lists },
  { 'c', COMMAND_FLAG, &copies },
  { 'h', COMMAND_FLAG, &links },
  { 's', COMMAND_FLAG, &symlinks },
  { 0 }
};

static struct command command;
static struct nameset excluded = NAMESET_ZERO;
static struct bulletin bulletin = BULLETIN_ZERO;
static int worst = 0;

/* ---- what is asked ---- */

static void exclude_read(void)
{
  stralloc text = STRALLOC_ZERO;
  if (!exclude) return;
  int r = control_slurp_path(&text, exclude);
  if (r == 0) errno = ENOENT;
  if (r != 1) strerr_diefusys(111, "read ", exclude);
  if (!nameset_list(&excluded, text.s, text.len)) die_nomem();
  stralloc_free(&text);
}

_Noreturn static void refuse_empty(void)
{
  stralloc line = STRALLOC_ZERO;
  text_set(&line, "Error: ");
  text_add(&line, file);
  text_add(&line, " is empty");
  refuse_in_words(REFUSE_CALLER, text_z(&line));
}

static void bulletin_read(void)
{
  if (only_lists) return;
  switch (bulletin_open(&bulletin, file)) {
    case BULLETIN_OPEN: return;
    case BULLETIN_EMPTY: refuse_empty();
    case BULLETIN_NO_FILE: strerr_dief(100, file, " is no file");
    case BULLETIN_UNREADABLE: strerr_diefusys(111, "read ", file);
  }
}

/* ---- one user ---- */

static void tell(char const *address)
{
  static stralloc line = STRALLOC_ZERO;
  text_set(&line, command.json ? "{\"address\":" : "");
  if (!command.json) text_add(&line, address);
  else if (!json_text(&line, address, strlen(address))) die_nomem();
  text_add(&line, command.json ? "}\n" : "\n");
  if (buffer_put(buffer_1, line.s, line.len) == -1) strerr_diefusys(111, "write the answer");
}

static void deliver(struct vpasswd const *record, char const *address)
{
  switch (bulletin_deliver(&bulletin, record, address)) {
    case BULLETIN_DELIVERED: return;
    case BULLETIN_FULL:
      strerr_warnw("over quota: ", address);
      worst = domains_worse(worst, REFUSE_NO);
      return;
    case BULLETIN_NO_HOME:
      strerr_warnw("has no home yet: ", address);
      worst = domains_worse(worst, REFUSE_NO);
      return;
    case BULLETIN_TROUBLE:
      strerr_warnwusys("deliver to ", address);
      worst = REFUSE_MACHINE;
  }
}

static bool one(void *domain, struct vpasswd const *record)
{
  static stralloc address = STRALLOC_ZERO;
  text_setb(&address, record->name.s, record->name.len);
  text_addc(&address, '@');
  text_add(&address, domain);
  if (nameset_has(&excluded, address.s, address.len)) return true;
  text_z(&address);
  if (only_lists || lists || command.json) tell(address.s);
  if (!only_lists) deliver(record, address.s);
  return true;
}

/* ---- all of a domain ---- */

static int all(void *named_)
{
  struct named const *named = named_;
  struct store_domain table = named_table(named);
  if (!only_lists && (links || symlinks)) bulletin_share(&bulletin, table.directory);
  enum store_result listed = store_list(&table, one, named->domain.real.s);
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write the answer");
  if (listed != STORE_DONE) store_refuse(listed, table.name);
  return worst;
}

int main(int argc, char *const *argv)
{
  PROG = "vpopbull";
  command = command_read(argc, argv, options, USAGE);
  only_lists |= command.dry_run;
  if ((!file && !only_lists) || copies + links + symlinks > 1) command_usage(&command);
  exclude_read();
  bulletin_read();
  enter_home();
  return domains_each(command.words, command.count, all);
}
