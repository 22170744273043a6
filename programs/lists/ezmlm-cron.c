/* ezmlm-cron: have digests made at certain times, by entries in one crontab.

   runs as   somebody, or setuid as the user to whom the crontab belongs, who is not root; asked by who has a line in ezcronrc
   reads     ezcronrc in that user's home
   changes   crontab there, and by crontab(1) the table of cron
   exits     0, 100 wrong use, or that is not allowed, 111 trouble
*/

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include "child_start.h"
#include "cron_entry.h"
#include "list.h"
#include "list_file.h"
#include "list_lines.h"
#include "passwd.h"
#include "replace.h"
#include "text.h"

#define USAGE "ezmlm-cron [ -cCdDlL ] [ -w days ] [ -t hh:mm ] [ -i hours ] [ list@host [ code ] ]"
#define CRONTAB "/usr/bin/crontab"

static struct { bool shows, removes, tells; } wanted;
static struct cron_when when = { .hour = 4, .minute = 12, .every = 24 };
static struct cron_entry entry;
static struct cron_right right;
static stralloc rights = STRALLOC_ZERO, table = STRALLOC_ZERO;

static void check(bool ok)
{
  if (!ok) strerr_dieusage(LIST_REFUSED, USAGE);
}

static void take_option(int o, char const *arg)
{
  switch (o) {
    case 'c': case 'C': wanted.shows = o == 'c'; break;
    case 'd': case 'D': wanted.removes = o == 'd'; break;
    case 'l': case 'L': wanted.tells = o == 'l'; break;
    case 'w': check(cron_days_ok(arg)); when.days = field_of(arg); break;
    case 't': check(cron_time_read(&when, arg)); break;
    case 'i': check(cron_hours_read(&when, arg)); break;
    case 'v': case 'V': strerr_die(0, "ezmlm version: ", LIST_VERSION);
    default: strerr_dieusage(LIST_REFUSED, USAGE);
  }
}

static void read_command(int argc, char const *const *argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  for (int o; (o = subgetopt_r(argc, argv, "cCdDlLvVw:t:i:", &options)) != -1;) take_option(o, options.arg);
  argv += options.ind;
  if (wanted.shows || wanted.tells) return;
  check(argc - options.ind >= (wanted.removes ? 1 : 2));
  char const *at = strrchr(argv[0], '@');
  check(at);
  entry.local = (struct field){ argv[0], (size_t)(at - argv[0]) };
  entry.host = field_of(at + 1);
  entry.code = field_of(argc - options.ind > 1 ? argv[1] : "x");
  if (!cron_word_ok(entry.local) || !cron_word_ok(entry.host) || !cron_word_ok(entry.code))
    strerr_dief(LIST_REFUSED, "letters, digits and . - _ + only, in ", argv[0], " and the code");
}

/* ---- who asks, and what he may ---- */

/* No account is a fact; that nobody could look is none. */
static struct passwd const *account(uid_t uid, char const *none)
{
  struct passwd const *pw;
  switch (passwd_find_uid(&pw, uid)) {
    case PASSWD_FOUND: return pw;
    case PASSWD_NONE: strerr_dief(LIST_REFUSED, none);
    default: strerr_diefusys(LIST_TROUBLE, "look up an account");
  }
}

/* From here on it is the user of the crontab alone who does things, without the caller's environment. */
static void enter(void)
{
  if (!geteuid()) strerr_dief(LIST_REFUSED, "root has a crontab of its own");
  struct passwd const *pw = account(getuid(), "you have no name here");
  entry.user = field_of(strdup(pw->pw_name));
  pw = account(geteuid(), "there is no user of this crontab");
  if (setresgid(getegid(), getegid(), getegid()) == -1 || setresuid(geteuid(), geteuid(), geteuid()) == -1)
    strerr_diefusys(LIST_TROUBLE, "become ", pw->pw_name);
  if (chdir(pw->pw_dir) == -1) strerr_diefusys(LIST_TROUBLE, "chdir to ", pw->pw_dir);
}

static void read_file(stralloc *to, char const *name, bool needed)
{
  int r = list_file_read(to, name, LIST_FILE_MAX);
  if (r == -1 || (needed && !r)) strerr_diefusys(LIST_TROUBLE, "read ", name);
}

/* The first line of this user that is for the list, or, where no list is asked for, the first of all. */
static void find_right(void)
{
  struct field rest, line;
  read_file(&rights, "ezcronrc", true);
  rest = (struct field){ rights.s, rights.len };
  if (!list_line_next(&entry.bouncehost, &rest)) strerr_dief(LIST_REFUSED, "ezcronrc does not begin with a host");
  while (list_line_next(&line, &rest)) {
    if (!cron_right_read(&right, line) || !field_same(right.user, entry.user)) continue;
    if (wanted.shows) { buffer_put(buffer_1, line.s, line.len); buffer_putsflush(buffer_1, "\n"); }
    if (wanted.shows || wanted.tells || cron_right_allows(&right, entry.local, entry.host)) return;
  }
  strerr_dief(LIST_REFUSED, "that is not allowed: ezcronrc has no such line for you");
}

/* ---- the crontab ---- */

static void lock(void)
{
  list_lock("crontabl");
  read_file(&table, "crontab", false);
}

static void tell(void)
{
  struct field rest = { table.s, table.len }, line;
  while (list_line_any(&line, &rest)) {
    if (!cron_entry_is_of(line, &entry)) continue;
    buffer_put(buffer_1, line.s, line.len);
    buffer_put(buffer_1, "\n", 1);
  }
  if (!buffer_flush(buffer_1)) strerr_diefusys(LIST_TROUBLE, "write");
}

/* All other lines; how many are this user's. */
static uint64_t keep_others(stralloc *to)
{
  struct field rest = { table.s, table.len }, line;
  uint64_t count = 0;
  while (list_line_any(&line, &rest)) {
    if (cron_entry_is_for(line, &entry)) continue;
    count += cron_entry_is_of(line, &entry);
    text_addb(to, line.s, line.len);
    text_add(to, "\n");
  }
  return count;
}

static void write_table(stralloc const *text)
{
  struct replacement r = REPLACEMENT_ZERO;
  if (!replace_begin(&r, "crontab", "crontabn", 0600) || !replace_write(&r, text->s, text->len) || !replace_commit(&r)) replace_die(&r);
}

static bool cron_has_taken(void)
{
  static char const *const argv[] = { CRONTAB, "crontab", 0 }, *const environment[] = { "PATH=/usr/bin:/bin", 0 };
  int wstat;
  pid_t pid = child_spawn0(argv[0], argv, environment);
  return pid && waitpid_nointr(pid, &wstat, 0) == pid && WIFEXITED(wstat) && !WEXITSTATUS(wstat);
}

/* What cron does not take stays as it was for the next who asks, too. */
static void change(void)
{
  stralloc text = STRALLOC_ZERO;
  uint64_t count = keep_others(&text);
  if (!wanted.removes && count >= right.max) strerr_dief(LIST_REFUSED, "you have as many entries as you may have");
  if (!wanted.removes) cron_entry_add(&text, &when, HOME "/bin/qmail-inject", &entry);
  write_table(&text);
  if (cron_has_taken()) return;
  write_table(&table);
  strerr_dief(LIST_TROUBLE, "unable to install the crontab; it is as it was");
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-cron";
  umask(077);
  read_command(argc, argv);
  enter();
  find_right();
  if (wanted.shows) return 0;
  lock();
  if (wanted.tells) tell();
  else change();
  return 0;
}
