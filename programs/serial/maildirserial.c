/* maildirserial: send what is in a Maildir to another host, all of it over one connection.

   runs as   whose Maildir it is
   reads     the Maildir; bouncefrom, bouncehost, doublebouncehost, doublebounceto and me in control
   starts    a client, such as tcpclient with serialsmtp, which gets names of files and says what became of them
   changes   removes from the Maildir what the other host has, and with -b what has gone back to its sender by the queue
   exits     0 nothing is left, 99 something is, but the client was content (-1), 100 wrong use, 111 something is left

   Nothing is removed on any other ground. Killed at any moment, at most what was answered and not yet removed is sent twice; when the
   power fails, what was removed in the second before.
*/

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "die.h"
#include "lock.h"
#include "maildir_files.h"
#include "mark.h"
#include "monotonic.h"
#include "number.h"
#include "serial_message.h"
#include "serial_return.h"
#include "serial_run.h"
#include "text.h"

#define USAGE "maildirserial [ -1b ] [ -tLIFETIME ] dir prefix client [ arg ... ]"

MARK("maildirserial");

enum { DONE = 0, LEFT = 99, WRONG = 100, TROUBLE = 111, TMP_SECONDS = 129600, TRIES = 3, NAME_DIGITS = 9, SYNC_MS = 1000 };

static struct wanted {
  bool once, returns, has_lifetime;         /* -1, -b, -t */
  uint64_t lifetime;                        /* seconds */
  char const *prefix;
  char const *const *client;
} wanted;

static struct maildir_files files = MAILDIR_FILES_ZERO;
static stralloc given = STRALLOC_ZERO;      /* names that the client got, each with its NUL */
static size_t answered;                     /* bytes of them */
static void *dead, *strangers;              /* trees of names: not to be tried again; left out, and said so */
static bool moved, got_rid;                 /* in this run of the client: there was a result; something is removed */
static bool unsynced;                       /* something is removed that the disk has not heard of, */
static int64_t synced;                      /* since then */
static struct serial_message message = SERIAL_MESSAGE_ZERO;

/* ---- what is asked ---- */

static bool scan_lifetime(char const *s)
{
  static struct { char unit; uint64_t seconds; } const units[] = {
    { 0, 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 }
  };
  size_t n = number_scan(s, strlen(s), &wanted.lifetime);
  if (!n || (s[n] && s[n + 1]) || wanted.lifetime > UINT32_MAX) return false;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (s[n] == units[i].unit) {
      wanted.lifetime *= units[i].seconds;
      return wanted.has_lifetime = true;
    }
  return false;
}

static char const *directory_wanted(int argc, char const *const *argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  for (int o; (o = subgetopt_r(argc, argv, "1bt:", &options)) != -1;) {
    if (o == '1') wanted.once = true;
    else if (o == 'b') wanted.returns = true;
    else if (o != 't' || !scan_lifetime(options.arg)) strerr_dieusage(WRONG, USAGE);
  }
  if (argc - options.ind < 3) strerr_dieusage(WRONG, USAGE);
  wanted.prefix = argv[options.ind + 1];
  wanted.client = argv + options.ind + 2;
  return argv[options.ind];
}

/* Two at once would send everything twice. Where a directory cannot be locked it is the caller's to see to that. */
static void enter(char const *path)
{
  int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir == -1) strerr_diefusys(TROUBLE, "chdir to ", path);
  enter_home();
  serial_return_begin();
  if (fchdir(dir) == -1) strerr_diefusys(TROUBLE, "chdir to ", path);
  if (!lock_try(dir) && errno == EWOULDBLOCK) strerr_dief(TROUBLE, path, " is being sent by another maildirserial");
}

/* ---- names ---- */

static int compare(void const *a, void const *b)
{
  return strcmp(a, b);
}

static bool is_known(void *const *tree, char const *name)
{
  return tfind(name, tree, compare);
}

static void remember(void **tree, char const *name)
{
  if (is_known(tree, name)) return;
  char *own = strdup(name);
  if (!own || !tsearch(own, tree, compare)) die_nomem();
}

/* ---- what is there ---- */

/* What a delivery that died has left behind: 36 hours after the last access it is nobody's. */
static void clean_tmp(void)
{
  struct stat st;
  time_t now = time(0);
  DIR *tmp = opendir("tmp");
  if (!tmp) return;
  for (struct dirent const *d; (d = readdir(tmp));)
    if (*d->d_name != '.' && fstatat(dirfd(tmp), d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && now > st.st_atime + TMP_SECONDS)
      unlinkat(dirfd(tmp), d->d_name, 0);
  closedir(tmp);
}

static void leave_out(char const *name, char const *why)
{
  if (!is_known(&strangers, name)) strerr_warnw(name, " is left out: ", why);
  remember(&strangers, name);
}

/* Who reads this Maildir may have taken it. */
static void cannot_read(char const *name)
{
  if (errno == ENOENT) return;
  leave_out(name, strerror(errno));
  remember(&dead, name);
}

static bool can_go(char const *name)
{
  switch (serial_message_open(&message, name, wanted.prefix)) {
    case SERIAL_OPENED: return true;
    case SERIAL_UNREADABLE: cannot_read(name); break;
    case SERIAL_NOT_OURS: leave_out(name, "it does not begin with Return-Path and a Delivered-To that is for here"); break;
  }
  return false;
}

/* What has come in this very second may be the first of several: it goes with them. */
static void scan(void)
{
  time_t now = time(0);
  files.names.len = given.len = answered = 0;
  genalloc_setlen(struct maildir_file, &files.list, 0);
  if (!maildir_files_add(&files, "new", now) || !maildir_files_add(&files, "cur", now)) strerr_diefusys(TROUBLE, "scan the Maildir");
  maildir_files_sort(&files);
  for (size_t i = 0; i < maildir_files_count(&files); i++) {
    char const *name = maildir_files_name(&files, i);
    if (!is_known(&dead, name) && can_go(name)) text_addb(&given, name, strlen(name) + 1);
  }
  serial_message_close(&message);
}

/* ---- what became of it ---- */

static void info(char const *name, char const *what, struct field text)
{
  stralloc line = STRALLOC_ZERO;
  text_addb(&line, text.s, text.len);
  strerr_warni(name, what, text_z(&line));
  stralloc_free(&line);
}

/* What is gone stays gone when the power fails. */
static void keep_removed(void)
{
  static char const *const parts[] = { "new", "cur" };
  for (size_t i = 0; unsynced && i < 2; i++) {
    int fd = open(parts[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1 || fsync(fd) == -1) strerr_warnwusys("sync ", parts[i]);
    if (fd != -1) fd_close(fd);
  }
  unsynced = false;
  synced = monotonic_ms();
}

/* The disk hears of it once a second: a file system left to itself takes five or thirty, and what was sent in them would be sent again. */
static void remove_it(char const *name, char const *or_else)
{
  if (unlink(name) == 0 || errno == ENOENT) got_rid = unsynced = true;
  else strerr_warnwsys(or_else, name, " cannot be removed"), remember(&dead, name);
  if (unsynced && monotonic_ms() - synced >= SYNC_MS) keep_removed();
}

static void give_back(char const *name, struct field text, bool is_late)
{
  char number[ULONG_FMT];
  char const *why = "";
  unsigned long qp = 0;
  enum serial_returned r = SERIAL_NOT_RETURNED;
  enum serial_opened o = serial_message_open(&message, name, wanted.prefix);
  if (o == SERIAL_OPENED) r = serial_return(&message, text, is_late, &qp, &why);
  else why = o == SERIAL_UNREADABLE ? strerror(errno) : "bad format";
  serial_message_close(&message);
  number[ulong_fmt(number, qp)] = 0;
  if (r == SERIAL_NOT_RETURNED) strerr_warnwu("return ", name, ": ", why), remember(&dead, name);
  if (r == SERIAL_DISCARDED) strerr_warni("discarding ", name, ": ", why);
  if (r == SERIAL_RETURNED) strerr_warni("returned ", name, ": qp ", number);
  if (r != SERIAL_NOT_RETURNED) remove_it(name, "message has been bounced but not removed! ");
}

/* From when it was put there: a copy of the Maildir may have made the file younger, but not its name. */
static bool is_too_old(char const *name)
{
  struct stat st;
  uint64_t named, since;
  char const *base = strrchr(name, '/') + 1;
  if (!wanted.has_lifetime || stat(name, &st) == -1) return false;
  since = st.st_mtime > 0 ? (uint64_t)st.st_mtime : 0;
  size_t n = number_scan(base, strlen(base), &named);
  if (n >= NAME_DIGITS && base[n] == '.' && named < since) since = named;
  return (uint64_t)time(0) > since + wanted.lifetime;
}

static void failed(struct serial_result const *r, bool is_late)
{
  if (wanted.returns) {
    info(r->name, " bounced: ", r->text);
    give_back(r->name, r->text, is_late);
  } else {
    info(r->name, is_late ? " failed temporarily: " : " failed: ", r->text);
    remember(&dead, r->name);
  }
}

/* A client answers in the order of the names, and only about these. */
static bool was_given(char const *name)
{
  for (size_t at = answered; at < given.len; at += strlen(given.s + at) + 1)
    if (!strcmp(given.s + at, name)) {
      answered = at + strlen(name) + 1;
      return true;
    }
  return false;
}

static void heard(struct serial_result const *r)
{
  if (!was_given(r->name)) {
    strerr_warnw("the client speaks of what it was not given");
    return;
  }
  bool is_late = r->status == 'Z' && wanted.returns && is_too_old(r->name);
  if (r->status == 'K') {
    info(r->name, " succeeded: ", r->text);
    remove_it(r->name, "message will be delivered twice! ");
  } else if (r->status == 'D' || is_late) {
    failed(r, is_late);
  } else {
    info(r->name, " failed temporarily: ", r->text);
    remember(&dead, r->name);
  }
  moved = true;
}

/* ---- runs ---- */

static int run_client(void)
{
  int code = 0;
  moved = got_rid = false;
  synced = monotonic_ms();
  enum serial_run_end end = serial_run(wanted.client, &given, heard, &code);
  int e = errno;
  keep_removed();
  errno = e;
  switch (end) {
    case SERIAL_RUN_FAILED: strerr_diefusys(TROUBLE, "run ", wanted.client[0]);
    case SERIAL_RUN_CRASHED: strerr_dief(TROUBLE, "client crashed");
    case SERIAL_RUN_SENSELESS: strerr_dief(TROUBLE, "the client does not speak as clients of maildirserial do");
    case SERIAL_RUN_EXITED: break;
  }
  if (code == WRONG) _exit(WRONG);
  return code;
}

/* An unreachable host is no reason to return mail; somebody has to know that it lies here. */
static void tell_of_old(void)
{
  char number[SIZE_FMT];
  size_t count = 0, first = 0;
  scan();
  for (size_t i = 0; i < maildir_files_count(&files); i++)
    if (is_too_old(maildir_files_name(&files, i)) && !count++) first = i;
  number[size_fmt(number, count)] = 0;
  if (count) strerr_warnw(number, " messages have been here for too long, the oldest is ", maildir_files_name(&files, first));
}

static _Noreturn void give_up(void)
{
  tell_of_old();
  strerr_dief(TROUBLE, "making no progress, giving up");
}

/* A server that turns away one message after the other, and the connection with each, is left in peace, too. */
static int send_all(void)
{
  for (int tries = TRIES;;) {
    scan();
    if (!given.len) return dead ? TROUBLE : DONE;
    int code = run_client();
    tries = moved && (!code || got_rid) ? TRIES : tries - 1;
    if (!tries) give_up();
  }
}

/* The connection is there, and there is no other. */
static int send_once(void)
{
  scan();
  if (run_client()) return TROUBLE;
  return dead ? LEFT : DONE;
}

int main(int argc, char const *const *argv)
{
  PROG = "maildirserial";
  char const *path = directory_wanted(argc, argv);
  sig_ignore(SIGPIPE);
  enter(path);
  clean_tmp();
  return wanted.once ? send_once() : send_all();
}
