/* vmoduser: what a user of a virtual domain may, or each one of it.

   runs as   root or the owner of the domain; root becomes the owner
   reads     with -e - the hash, a line of standard input: words of a command line are seen by everybody
   changes   vpasswd and vpasswd.cdb of the domain, all in one; with a quota then maildirsize in each Maildir; with a host at
             last mailhost in each home
   exits     0 done, 1 no such user or domain, 100 wrong use, 111 trouble of the machine
*/

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "command.h"
#include "die.h"
#include "home_lines.h"
#include "named.h"
#include "onchange.h"
#include "password.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "user_alter.h"
#include "user_host.h"
#include "user_quota.h"
#include "vflags.h"

#define USAGE "vmoduser [ -hnvx ] [ -q quota ] [ -c comment ] [ -e crypted|- ] [ -C clear ] [ -D dir ] [ -H host ] " \
  "[ -X flags ] [ -dpswiboru0123aSEfFm ] [ --json ] [ --dry-run ] address|domain"

enum { FLAGS_MAX = 32 };

static char const *quota = 0, *comment = 0, *crypted = 0, *clear = 0, *dir = 0, *where = 0, *without = 0;
static bool helps = false, skips = false, anew = false;
static bool wanted[FLAGS_MAX];          /* as vflags has them */

static struct command_option const words[] = {
  { 'q', COMMAND_TEXT, &quota },
  { 'c', COMMAND_TEXT, &comment },
  { 'e', COMMAND_TEXT, &crypted },
  { 'C', COMMAND_TEXT, &clear },
  { 'D', COMMAND_TEXT, &dir },
  { 'H', COMMAND_TEXT, &where },
  { 'X', COMMAND_TEXT, &without },
  { 'h', COMMAND_FLAG, &helps },
  { 'n', COMMAND_FLAG, &skips },
  { 'x', COMMAND_FLAG, &anew },
};
enum { WORDS = sizeof words / sizeof *words };

/* ---- flags ---- */

static struct command_option const *options_make(void)
{
  static struct command_option all[WORDS + FLAGS_MAX + 1];
  memcpy(all, words, sizeof words);
  for (size_t i = 0; vflags[i].bit; i++)
    all[WORDS + i] = (struct command_option){ vflags[i].user_letter, COMMAND_FLAG, wanted + i };
  return all;
}

static uint32_t flags_wanted(void)
{
  uint32_t bits = 0;
  for (size_t i = 0; vflags[i].bit; i++) bits |= wanted[i] ? vflags[i].bit : 0;
  return bits;
}

static uint32_t flags_dropped(struct command const *command)
{
  uint32_t bits = 0;
  for (char const *letter = without ? without : ""; *letter; letter++) {
    uint32_t bit = vflags_of_user_letter(*letter);
    if (!bit) command_usage(command);
    bits |= bit;
  }
  return anew ? UINT32_MAX : bits;
}

/* Who administers a domain makes no administrator of the system. */
static void refuse_powers(uint32_t bits)
{
  if (getuid() != 0 && bits & (VFLAG_SYSTEM_ADMIN | VFLAG_SYSTEM_EXPERT)) refuse_saying(VCODE_INVALID_UID, "only root can give -S and -E");
}

/* ---- fields ---- */

static void take(struct store_edit *edit, unsigned int which, struct field *field, char const *s)
{
  if (!s) return;
  edit->fields |= which;
  *field = (struct field){ s, strlen(s) };
}

static struct store_edit edit_make(struct command const *command)
{
  static char stored[QUOTA_TEXT_SIZE];
  struct store_edit edit = { .flags_dropped = flags_dropped(command) };
  struct vpasswd *r = &edit.record;
  r->flags = flags_wanted();
  if (r->flags || edit.flags_dropped) edit.fields |= STORE_FLAGS;
  if (quota) user_quota_read(stored, quota);
  if (crypted && strcmp(crypted, "-") == 0) crypted = password_crypted();
  take(&edit, STORE_QUOTA, &r->quota, quota ? stored : 0);
  take(&edit, STORE_COMMENT, &r->comment, comment);
  take(&edit, STORE_HASH | STORE_CLEAR, &r->hash, crypted);
  take(&edit, STORE_CLEAR, &r->clear, clear);
  take(&edit, STORE_DIR, &r->dir, dir);
  r->has_clear = clear;
  if (!edit.fields && !where) command_usage(command);
  return edit;
}

/* ---- the host ---- */

static char host[MAIL_HOST_SIZE];       /* empty: this one */

/* A login is sent there with its password. */
static void host_read(void)
{
  if (!where) return;
  if (*where && !mail_host_read(host, where, strlen(where))) refuse_saying(VCODE_BAD_CHARACTER, "that is no host");
  if (getuid() != 0) refuse_saying(VCODE_INVALID_UID, "only root can say on which host a mailbox is");
}

_Noreturn static void host_trouble(struct field name)
{
  stralloc whose = STRALLOC_ZERO;
  int e = errno;
  text_setb(&whose, name.s, name.len);
  text_z(&whose);
  errno = e;
  strerr_diefusys(REFUSE_MACHINE, "note the host in the home of ", whose.s);
}

static bool host_set(void *nothing, struct vpasswd const *record)
{
  (void)nothing;
  int home = home_lines_open(record->dir);
  if (home == -1 || !user_host_set(home, record->name, host)) host_trouble(record->name);
  fd_close(home);
  return true;
}

static int hosts_set(void *named_)
{
  struct named const *named = named_;
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  bool const of_one = named->user.len;
  struct store_domain const table = named_table(named);
  if (of_one && !named_find(named, &record, &space)) user_alter_refuse_nobody(named);
  if (command_only_says("change the host of ", of_one ? named_address(named) : table.name)) return 0;
  if (of_one) host_set(0, &record);
  enum store_result listed = of_one ? STORE_DONE : store_list(&table, host_set, 0);
  if (listed != STORE_DONE) store_refuse(listed, table.name);
  return 0;
}

static void help(void)
{
  buffer_puts(buffer_1, "usage: " USAGE "\n");
  buffer_flush(buffer_1);
  _exit(0);
}

static void refuse_shared_home(struct named const *named)
{
  if (dir && !named->user.len) refuse_saying(VCODE_BAD_CHARACTER, "all users of a domain can not have the same directory");
  if (dir && *dir && *dir != '/') refuse_saying(VCODE_BAD_CHARACTER, "the directory is no absolute path");
}

int main(int argc, char *const *argv)
{
  static struct named named = NAMED_ZERO;
  PROG = "vmoduser";
  struct command command = command_read(argc, argv, options_make(), USAGE);
  if (helps) help();
  command_need_words(&command, 1, 1);
  struct store_edit edit = edit_make(&command);
  refuse_powers(edit.record.flags);
  host_read();
  if (skips) strerr_warnw("-n does nothing: the table is made anew in any case");
  enter_home();
  named_read_either(&named, command.words[0]);
  refuse_shared_home(&named);
  int status = edit.fields ? user_alter("mod_user", &named, &edit) : 0;
  if (status || !where) return status;
  return onchange_after(named_work(&named, hosts_set, &named), "set_host", &named, host);
}
