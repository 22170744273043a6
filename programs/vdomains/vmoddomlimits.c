/* vmoddomlimits: what a virtual domain may have, or every domain of the site that says nothing else.

   runs as   root or the owner of the domain; root becomes the owner
   changes   .qmailadmin-limits in the domain's directory; for -d etc/vlimits.default of vpopmail
   exits     0 done, 1 no such domain, 100 wrong use, 111 trouble of the machine
*/

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "as_owner.h"
#include "command.h"
#include "die.h"
#include "dir_file.h"
#include "dir_lock.h"
#include "limits.h"
#include "limits_show.h"
#include "named.h"
#include "onchange.h"
#include "quota.h"
#include "refuse.h"
#include "site.h"
#include "text.h"
#include "tree.h"
#include "vflags.h"

#define USAGE "vmoddomlimits [ -Sv ] [ --json ] [ --dry-run ] [ -D ] [ -Q MB ] [ -q quota ] [ -M n ] [ -m n ] [ -P n ] [ -A n ] " \
  "[ -F n ] [ -R n ] [ -L n ] [ -g flags ] [ -p -a -f -r -l -u -o -x -z permissions ] domain | -d"
#define LOCK ".vlimits.lock"

enum { LOCK_SECONDS = 60 };

static bool shows = false, reverts = false, of_site = false, changes = false;
static char const *flags = 0;

/* ---- numbers and permissions, as the options have them ---- */

static char const *number[VLIMITS];
static char const *quota = 0;

static char const *permission[LIMITS_PERMISSIONS];

static struct command_option const options[] = {
  { 'S', COMMAND_FLAG, &shows },
  { 'D', COMMAND_FLAG, &reverts },
  { 'd', COMMAND_FLAG, &of_site },
  { 'Q', COMMAND_TEXT, &number[VLIMIT_QUOTA] },
  { 'q', COMMAND_TEXT, &quota },
  { 'M', COMMAND_TEXT, &number[VLIMIT_MAXMSGCOUNT] },
  { 'm', COMMAND_TEXT, &number[VLIMIT_DEFAULT_MAXMSGCOUNT] },
  { 'P', COMMAND_TEXT, &number[VLIMIT_MAXPOPACCOUNTS] },
  { 'A', COMMAND_TEXT, &number[VLIMIT_MAXALIASES] },
  { 'F', COMMAND_TEXT, &number[VLIMIT_MAXFORWARDS] },
  { 'R', COMMAND_TEXT, &number[VLIMIT_MAXAUTORESPONDERS] },
  { 'L', COMMAND_TEXT, &number[VLIMIT_MAXMAILINGLISTS] },
  { 'g', COMMAND_TEXT, &flags },
  { 'p', COMMAND_TEXT, &permission[0] },
  { 'a', COMMAND_TEXT, &permission[1] },
  { 'f', COMMAND_TEXT, &permission[2] },
  { 'r', COMMAND_TEXT, &permission[3] },
  { 'l', COMMAND_TEXT, &permission[4] },
  { 'u', COMMAND_TEXT, &permission[5] },
  { 'o', COMMAND_TEXT, &permission[6] },
  { 'x', COMMAND_TEXT, &permission[7] },
  { 'z', COMMAND_TEXT, &permission[8] },
  { 0 }
};

static struct command command;
static struct named named = NAMED_ZERO;

static void set(struct vlimits *limits, enum vlimit which, int64_t value)
{
  limits->value[which] = value;
  limits->set[which] = true;
}

static void set_number(struct vlimits *limits, enum vlimit which, char const *s)
{
  int64_t n;
  if (!int640_scan(s, &n)) command_usage(&command);
  set(limits, which, n);
}

static void set_quota(struct vlimits *limits)
{
  struct quota q;
  if (!quota_parse(&q, quota, strlen(quota)) || q.messages) refuse_saying(VCODE_BAD_CHARACTER, "that is no quota");
  set(limits, VLIMIT_DEFAULT_QUOTA, (int64_t)q.bytes);
}

static uint32_t flags_read(void)
{
  uint32_t bits = 0;
  for (char const *letter = flags; *letter; letter++) {
    uint32_t bit = vflags_of_domain_letter(*letter);
    if (!bit) command_usage(&command);
    bits |= bit;
  }
  return bits;
}

static int64_t permission_read(char const *s)
{
  static char const letters[] = "cmda";
  static int const bits[] = { VLIMIT_NO_CREATE, VLIMIT_NO_MODIFY, VLIMIT_NO_DELETE, VLIMIT_NO_ALL };
  int denied = 0;
  for (; *s; s++) {
    char const *letter = strchr(letters, *s);
    if (!letter) command_usage(&command);
    denied |= bits[letter - letters];
  }
  return denied;
}

static void set_permission(struct vlimits *limits, size_t i)
{
  struct limits_permission const *p = limits_permissions + i;
  int64_t const others = limits->value[p->which] & ~((int64_t)VLIMIT_NO_ALL << p->shift);
  set(limits, p->which, others | permission_read(permission[i]) << p->shift);
}

/* Whether anything is to be changed. */
static bool set_all(struct vlimits *limits)
{
  bool any = quota || flags;
  for (enum vlimit i = 0; i < VLIMITS; i++) {
    any |= number[i] != 0;
    if (number[i]) set_number(limits, i, number[i]);
  }
  if (quota) set_quota(limits);
  if (flags) limits->flags = flags_read();
  limits->flags_set |= flags != 0;
  for (size_t i = 0; i < LIMITS_PERMISSIONS; i++) {
    any |= permission[i] != 0;
    if (permission[i]) set_permission(limits, i);
  }
  return any;
}

/* ---- the file ---- */

static char const *file_name(void)
{
  return of_site ? LIMITS_OF_SITE : LIMITS_OF_DOMAIN;
}

_Noreturn static void trouble(char const *doing)
{
  strerr_warnwusys(doing, file_name());
  refuse(VCODE_UPDATE_FILE);
}

/* A number that cannot be meant is refused as one that stood in the file. */
static void refuse_unreadable(char const *s, size_t len)
{
  struct vlimits limits;
  struct vlimits_slip slip;
  stralloc words = STRALLOC_ZERO;
  if (vlimits_parse(&limits, &slip, s, len)) return;
  text_set(&words, slip.key);
  text_addc(&words, ' ');
  text_add(&words, slip.reason);
  refuse_saying(VCODE_BAD_CHARACTER, text_z(&words));
}

static void edit(int directory)
{
  stralloc old = STRALLOC_ZERO, new = STRALLOC_ZERO;
  struct vlimits limits;
  limits_read_file(&limits, directory, file_name(), &old);
  if (!set_all(&limits)) return;
  if (!vlimits_format(&new, old.s, old.len, &limits)) die_nomem();
  refuse_unreadable(new.s, new.len);
  if (!command_only_says("change ", file_name()) && !dir_file_write(directory, file_name(), new.s, new.len)) trouble("write ");
}

static void revert(int directory)
{
  if (command_only_says("remove ", file_name())) return;
  if (!tree_remove(directory, file_name())) trouble("remove ");
}

static void show(int directory)
{
  stralloc text = STRALLOC_ZERO;
  struct vlimits limits;
  char const *name = of_site ? "default" : named.domain.real.s;
  if (of_site) limits_read_file(&limits, directory, file_name(), &text);
  else limits_read(&limits, directory);
  text.len = 0;
  if (command.json) limits_show_json(&text, name, &limits);
  else limits_show(&text, name, &limits);
  command_answer(&text);
}

static int work(void *nothing)
{
  int directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  (void)nothing;
  if (directory == -1) strerr_diefusys(111, "open the directory of ", file_name());
  if (changes && dir_lock(directory, LOCK, LOCK_SECONDS) == -1) trouble("lock ");
  if (reverts) revert(directory);
  if (changes) edit(directory);
  if (shows || command.json) show(directory);
  return 0;
}

static int work_of_site(void)
{
  struct site const *site = site_find();
  refuse_unless_root();
  int status = as_owner(site->uid, site->gid, site_make_etc(), work, 0);
  if (!status && changes && !command.dry_run) onchange_log("set_site_limits", file_name(), 0);
  return status;
}

/* A word that is wrong is told before anything is touched. */
static void options_check(void)
{
  struct vlimits limits;
  vlimits_nothing(&limits);
  changes = set_all(&limits) || reverts;
  command_need_words(&command, of_site ? 0 : 1, of_site ? 0 : 1);
  if (!changes && !shows && !command.json) command_usage(&command);
}

int main(int argc, char *const *argv)
{
  PROG = "vmoddomlimits";
  command = command_read(argc, argv, options, USAGE);
  options_check();
  enter_home();
  if (of_site) return work_of_site();
  limits_site_read();
  named_read_domain(&named, command.words[0]);
  int status = named_work(&named, work, 0);
  if (!status && changes && !command.dry_run) onchange_log(reverts ? "del_limits" : "set_limits", named.domain.real.s, 0);
  return status;
}
