#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "address.h"
#include "control.h"
#include "dotqmail.h"
#include "getpw.h"
#include "homes.h"
#include "local_exit.h"
#include "mark.h"
#include "monotonic.h"
#include "people.h"
#include "route.h"
#include "users.h"
#include "whose.h"

/* ---- where it goes ---- */

static struct route_table routes;

static bool is_moderate(char const *file)
{
  struct stat st;
  return stat(file, &st) == -1 || st.st_size <= WHOSE_ROUTES_MAX;
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
  if (state == KNOWN && questions++ == WHOSE_MAP_AFTER && !route_make_map(&routes)) state = UNKNOWN;
  return state == KNOWN;
}

/* ---- which files could speak for it ---- */

/* As a delivery sees them: absence, which every user sees alike; rights, which he may have; and trouble. */
static enum whose_answer answer_of_error(void)
{
  switch (errno) {
    case ENOENT: case ENOTDIR: case ELOOP: case ENAMETOOLONG: return WHOSE_MISSING;
    case EACCES: case EPERM: return WHOSE_MAY_BE;
    default: return WHOSE_UNKNOWN_NOW;
  }
}

static enum whose_answer look_at_file(int home, char const *name)
{
  struct stat st;
  return fstatat(home, name, &st, 0) == 0 ? WHOSE_MAY_BE : answer_of_error();
}

static enum whose_answer look_at_files(int home, struct user const *user)
{
  static stralloc name = STRALLOC_ZERO;
  struct dotqmail_search search = { .dash = user->dash.s, .ext = user->ext.s, .name = name };
  enum whose_answer answer = WHOSE_MISSING;
  int r = 1;
  while (answer == WHOSE_MISSING && (r = dotqmail_next(&search)) == 1) answer = look_at_file(home, search.name.s);
  name = search.name;
  return r == -1 ? WHOSE_MAY_BE : answer;
}

/* In a home that may be written by others, or is being edited, mail waits. */
static bool is_open_to_mail(struct stat const *home)
{
  static stralloc patrn = STRALLOC_ZERO;
  static struct control const controls[] = {
    /* file     kind           goes to  when absent */
    { "patrn",  CONTROL_LINE,  &patrn,  "002" },
    { 0 }
  };
  char const *culprit;
  return control_load(controls, &culprit) && !(home->st_mode & (dotqmail_patrn(patrn.s, patrn.len) | S_ISVTX));
}

static enum whose_answer look_into(int home, struct user const *user)
{
  struct stat st;
  if (fstat(home, &st) == -1) return WHOSE_UNKNOWN_NOW;
  if (!is_open_to_mail(&st)) return WHOSE_MAY_BE;
  enum whose_answer answer = look_at_files(home, user);
  return answer == WHOSE_MISSING && home_is_vacant(home, ".") ? WHOSE_UNKNOWN_NOW : answer;
}

/* A home that is not there is no proof: its file system may not be mounted. */
static enum whose_answer look_at_home(struct user const *user)
{
  int home = open(user->home.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (home == -1) return answer_of_error() == WHOSE_MAY_BE ? WHOSE_MAY_BE : WHOSE_UNKNOWN_NOW;
  enum whose_answer answer = look_into(home, user);
  fd_close(home);
  return answer;
}

/* ---- a second process, for what may take long ---- */

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
  int64_t end = monotonic_ms() + 1000L * WHOSE_SECONDS;
  int r;
  if (x.fd == -1) return false;
  do r = poll(&x, 1, milliseconds_until(end)); while (r == -1 && errno == EINTR);
  fd_close(x.fd);
  return r == 1;
}

static enum whose_answer told_by(pid_t pid)
{
  int wstat;
  if (wait_pid(pid, &wstat) != pid || !WIFEXITED(wstat)) return WHOSE_MAY_BE;
  return (enum whose_answer)WEXITSTATUS(wstat);
}

/* What look says within WHOSE_SECONDS. Who once needs longer is not asked again. */
static enum whose_answer apart(enum whose_answer (*look)(void const *), void const *of_whom)
{
  static bool was_late = false;
  pid_t pid = was_late ? -1 : fork();
  if (pid == 0) {
    setpgid(0, 0);
    let_go_of_client();
    _exit((int)look(of_whom));
  }
  if (pid == -1) return WHOSE_MAY_BE;
  if (ended_in_time(pid)) return told_by(pid);
  was_late = true;
  kill(-pid, SIGKILL);
  return WHOSE_MAY_BE;
}

/* ---- whose it is ---- */

/* A user's own address has a default; nobody delivers as root; a site's own qmail-local may do as it likes. */
static enum whose_answer look_at_user(void const *user_)
{
  struct user const *user = user_;
  if (!user->dash.len || !user->uid) return WHOSE_MAY_BE;
  enum whose_answer answer = look_at_home(user);
  if (answer != WHOSE_MAY_BE && !mark_found("bin/qmail-local", "qmail-local")) return WHOSE_MAY_BE;
  return answer;
}

static bool could_not_look(int wstat)
{
  int code = WIFEXITED(wstat) ? WEXITSTATUS(wstat) : 0;
  return code == LOCAL_EXIT_HOMES_AWAY || code == LOCAL_EXIT_SYSTEM;
}

static enum whose_answer look_by_getpw(void const *box)
{
  struct user user = USER_ZERO;
  int wstat;
  switch (getpw_ask(&user, box, 0, &wstat)) {
    case 1: return look_at_user(&user);
    case 0: return could_not_look(wstat) ? WHOSE_UNKNOWN_NOW : WHOSE_MAY_BE;
    default: return WHOSE_MAY_BE;
  }
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
static enum whose_answer look_at_box(char const *box, size_t len)
{
  static struct user assigned = USER_ZERO;
  switch (users_find(&assigned, box, len)) {
    case USERS_FOUND: return assigned.dash.len ? apart(look_at_user, &assigned) : WHOSE_MAY_BE;
    case USERS_NOBODY: break;
    default: return WHOSE_MAY_BE;
  }
  return people_in_file("/etc/passwd", box) || is_alias(box) ? WHOSE_MAY_BE : apart(look_by_getpw, box);
}

enum whose_answer whose_look(char const *address, size_t len)
{
  static stralloc routed = STRALLOC_ZERO;
  if (!routes_are_known() || route(&routes, &routed, address, len) != CHANNEL_LOCAL) return WHOSE_MAY_BE;
  size_t at = address_at(routed.s, routed.len);
  if (!at || at == routed.len) return WHOSE_MAY_BE;      /* an empty box takes everything and keeps nothing */
  routed.s[at] = 0;
  return look_at_box(routed.s, at);
}
