#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "address.h"
#include "dotqmail.h"
#include "getpw.h"
#include "mailbox.h"
#include "mark.h"
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

/* ---- whose it is ---- */

static bool breaks_are_known(struct getpw *getpw)
{
  static enum { UNREAD, KNOWN, UNKNOWN } state = UNREAD;
  char const *culprit;
  if (state == UNREAD) state = getpw_load(getpw, &culprit) ? KNOWN : UNKNOWN;
  return state == KNOWN;
}

static bool surely_by_getpw(struct user *user, char const *box, size_t len)
{
  static struct getpw getpw = GETPW_ZERO;
  if (!breaks_are_known(&getpw) || getpw_find(&getpw, box, len) != GETPW_FOUND || getpw.doubtful) return false;
  *user = getpw.user;
  return true;
}

/* The strings of *user are good until the next call. */
static bool surely_belongs_to(struct user *user, char const *box, size_t len)
{
  static struct user assigned = USER_ZERO;
  enum users_result r = users_find(&assigned, box, len);
  if (r == USERS_NOBODY) return surely_by_getpw(user, box, len);
  *user = assigned;
  return r == USERS_FOUND;
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

/* ---- the answer ---- */

static bool programs_are_ours(void)
{
  static enum { UNREAD, OURS, FOREIGN } state = UNREAD;
  if (state == UNREAD) {
    bool ours = mark_found("bin/qmail-getpw", "qmail-getpw") && mark_found("bin/qmail-local", "qmail-local");
    state = ours ? OURS : FOREIGN;
  }
  return state == OURS;
}

static bool seems_missing(char const *address, size_t len)
{
  static stralloc routed = STRALLOC_ZERO;
  struct user user;
  if (!routes_are_known() || route(&routes, &routed, address, len) != CHANNEL_LOCAL) return false;
  size_t at = address_at(routed.s, routed.len);
  /* An empty box takes everything and keeps nothing; a user's own address has a default; nobody delivers as root. */
  return at && surely_belongs_to(&user, routed.s, at) && user.dash.len && user.uid && surely_has_no_file(&user);
}

/* The name service may take trouble of a moment (no descriptor to be had) for an account that does not exist, and not
   tell; so a second look must show the same. */
bool mailbox_is_missing(char const *address, size_t len)
{
  return seems_missing(address, len) && programs_are_ours() && seems_missing(address, len);
}

/* ---- the answer in time: a thread asks, and when it is late stays behind ---- */

enum { STACK_BYTES = 1 << 20 };

static sem_t asked, answered;

static struct { char address[ADDRESS_MAX]; size_t len; bool missing; } question;

static void *work(void *unused)
{
  (void)unused;
  for (;;) {
    while (sem_wait(&asked) == -1);
    question.missing = mailbox_is_missing(question.address, question.len);
    sem_post(&answered);
  }
  return 0;
}

/* All memory comes from one arena: a second one would take up much of what softlimit allows. */
static bool employ(void)
{
  pthread_t worker;
  pthread_attr_t how;
  mallopt(M_ARENA_MAX, 1);
  if (sem_init(&asked, 0, 0) == -1 || sem_init(&answered, 0, 0) == -1 || pthread_attr_init(&how)) return false;
  return pthread_attr_setstacksize(&how, STACK_BYTES) == 0 && pthread_create(&worker, &how, work, 0) == 0;
}

static bool is_answered_in_time(void)
{
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += MAILBOX_SECONDS;
  int r;
  while ((r = sem_clockwait(&answered, CLOCK_MONOTONIC, &end)) == -1 && errno == EINTR);
  return r == 0;
}

bool mailbox_is_missing_now(char const *address, size_t len)
{
  static enum { NEW, WORKING, GONE } worker = NEW;
  if (worker == NEW) worker = employ() ? WORKING : GONE;
  if (worker == GONE || len > sizeof question.address) return false;
  memcpy(question.address, address, len);
  question.len = len;
  sem_post(&asked);
  if (!is_answered_in_time()) worker = GONE;
  return worker == WORKING && question.missing;
}
