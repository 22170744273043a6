#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "address.h"
#include "dotqmail.h"
#include "getpw.h"
#include "mailbox.h"
#include "mark.h"
#include "monotonic.h"
#include "people.h"
#include "route.h"
#include "users.h"

/* ---- where it goes ---- */

static struct route_table routes;

static bool is_moderate(char const *file)
{
  struct stat st;
  return stat(file, &st) == -1 || st.st_size <= MAILBOX_ROUTES_MAX;
}

static bool routes_are_known(void)
{
  static enum { UNREAD, KNOWN, UNKNOWN } state = UNREAD;
  static unsigned long questions = 0;
  char const *culprit;
  if (state == UNREAD) {
    bool moderate = is_moderate("control/locals") && is_moderate("control/virtualdomains");
    state = moderate && route_load_text(&routes, &culprit) ? KNOWN : UNKNOWN;
  }
  if (state == KNOWN && questions++ == MAILBOX_MAP_AFTER && !route_make_map(&routes)) state = UNKNOWN;
  return state == KNOWN;
}

/* ---- which files could speak for it ---- */

/* Errors that every user sees alike, and that a delivery takes for absence. */
static bool is_absent(int home, char const *name)
{
  struct stat st;
  if (fstatat(home, name, &st, 0) == 0) return false;
  return errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG;
}

static bool all_are_absent(int home, struct user const *user)
{
  static stralloc name = STRALLOC_ZERO;
  struct dotqmail_search search = { .dash = user->dash.s, .ext = user->ext.s, .name = name };
  int r;
  while ((r = dotqmail_next(&search)) == 1 && is_absent(home, search.name.s));
  name = search.name;
  return r == 0;
}

/* In a home that may be written by others, or is being edited, mail waits. */
static bool is_open_to_mail(int home)
{
  struct stat st;
  return fstat(home, &st) == 0 && !(st.st_mode & (DOTQMAIL_FORBIDDEN_BITS | S_ISVTX));
}

static bool surely_has_no_file(struct user const *user)
{
  int home = open(user->home.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (home == -1) return false;
  bool none = is_open_to_mail(home) && all_are_absent(home, user);
  fd_close(home);
  return none;
}

/* ---- a second process, for what may take long ---- */

enum { MISSING = 1 };

/* The client shall not have to wait for its end. */
static void let_go_of_client(void)
{
  int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing == -1 || dup2(nothing, 0) == -1 || dup2(nothing, 1) == -1) _exit(0);
}

static int milliseconds_until(int64_t end)
{
  int64_t left = end - monotonic_ms();
  return left > 0 ? (int)left : 0;
}

static bool ended_in_time(pid_t pid)
{
  struct pollfd x = { .fd = pidfd_open(pid, 0), .events = POLLIN };
  int64_t end = monotonic_ms() + 1000L * MAILBOX_SECONDS;
  int r;
  if (x.fd == -1) return false;
  do r = poll(&x, 1, milliseconds_until(end)); while (r == -1 && errno == EINTR);
  fd_close(x.fd);
  return r == 1;
}

static bool says_missing(pid_t pid)
{
  int wstat;
  return wait_pid(pid, &wstat) == pid && WIFEXITED(wstat) && WEXITSTATUS(wstat) == MISSING;
}

/* Whether is_missing says so within MAILBOX_SECONDS. Who once needs longer is not asked again. */
static bool apart(bool (*is_missing)(void const *), void const *of_whom)
{
  static bool was_late = false;
  pid_t pid = was_late ? -1 : fork();
  if (pid == 0) {
    setpgid(0, 0);
    let_go_of_client();
    _exit(is_missing(of_whom) ? MISSING : 0);
  }
  if (pid == -1) return false;
  if (ended_in_time(pid)) return says_missing(pid);
  was_late = true;
  kill(-pid, SIGKILL);
  return false;
}

/* ---- whose it is ---- */

/* A user's own address has a default; nobody delivers as root; a site's own qmail-local may do as it likes. */
static bool user_has_no_mail(void const *user_)
{
  struct user const *user = user_;
  return user->dash.len && user->uid && surely_has_no_file(user) && mark_found("bin/qmail-local", "qmail-local");
}

static bool nobody_has_mail(void const *box)
{
  struct user user = USER_ZERO;
  int wstat;
  return getpw_ask(&user, box, 0, &wstat) == 1 && user_has_no_mail(&user);
}

static bool is_alias(char const *box)
{
  struct dotqmail_search search = { .dash = "-", .ext = box };
  struct stat st;
  int alias = open("alias", O_PATH | O_DIRECTORY | O_CLOEXEC);
  bool found = alias != -1 && dotqmail_next(&search) == 1 && fstatat(alias, search.name.s, &st, 0) == 0;
  if (alias != -1) fd_close(alias);
  stralloc_free(&search.name);
  return found;
}

/* What is at hand is looked at first, the accounts as a mere hint and without the name service, which would bring the
   dynamic loader into every session: all else costs a process. */
static bool box_is_missing(char const *box, size_t len)
{
  static struct user assigned = USER_ZERO;
  switch (users_find(&assigned, box, len)) {
    case USERS_FOUND: return assigned.dash.len && apart(user_has_no_mail, &assigned);
    case USERS_NOBODY: return !people_in_file("/etc/passwd", box) && !is_alias(box) && apart(nobody_has_mail, box);
    default: return false;
  }
}

bool mailbox_is_missing(char const *address, size_t len)
{
  static stralloc routed = STRALLOC_ZERO;
  if (!routes_are_known() || route(&routes, &routed, address, len) != CHANNEL_LOCAL) return false;
  size_t at = address_at(routed.s, routed.len);
  if (!at || at == routed.len) return false;      /* an empty box takes everything and keeps nothing */
  routed.s[at] = 0;
  return box_is_missing(routed.s, at);
}
