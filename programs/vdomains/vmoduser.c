/* vmoduser: what a user of a virtual domain may, or each one of it.

   runs as   root or the owner of the domain; root becomes the owner
   reads     with -e - the hash, a line of standard input: words of a command line are seen by everybody
   changes   vpasswd and vpasswd.cdb of the domain, all in one; with a quota then maildirsize in each Maildir
   exits     0 done, 1 no such user or domain, 100 wrong use, 111 trouble of the machine
*/

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "command.h"
#include "die.h"
#include "named.h"
#include "password.h"
#include "refuse.h"
#include "user_alter.h"
#include "user_quota.h"
#include "vflags.h"

#define USAGE "vmoduser [ -hnvx ] [ -q quota ] [ -c comment ] [ -e crypted|- ] [ -C clear ] [ -D dir ] [ -X flags ] " \
  "[ -dpswiboru0123aSEfFm ] [ --dry-run ] address|domain"

enum { FLAGS_MAX = 32 };

static char const *quota = 0, *comment = 0, *crypted = 0, *clear = 0, *dir = 0, *without = 0;
static bool helps = false, skips = false, anew = false;
static bool wanted[FLAGS_MAX];          /* as vflags has them */

static struct command_option const words[] = {
  { 'q', COMMAND_TEXT, &quota },
  { 'c', COMMAND_TEXT, &comment },
  { 'e', COMMAND_TEXT, &crypted },
  { 'C', COMMAND_TEXT, &clear },
  { 'D', COMMAND_TEXT, &dir },
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
  if (!edit.fields) command_usage(command);
  return edit;
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
  if (skips) strerr_warnw("-n does nothing: the table is made anew in any case");
  enter_home();
  named_read_either(&named, command.words[0]);
  refuse_shared_home(&named);
  return user_alter("mod_user", &named, &edit);
}
