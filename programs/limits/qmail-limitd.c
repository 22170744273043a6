/* qmail-limitd: counts what comes from whom, and says how much more of it may come.

   runs as   qmaild, started by its service; never root
   reads     questions on HOME/run/limits/socket (limit_wire.h), from root and qmaild; HOME/control/limits, each ten seconds if it
             has changed
   changes   HOME/run/limits: what was counted is written there each five minutes and at the end
   logs      who has come to a limit, once an hour
   exits     0 after TERM, 111 when the machine fails it

   One process has all in memory and waits for nobody: a connection is a session's, which may be silent for as long as it likes.
*/

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "accounts.h"
#include "confine.h"
#include "counter.h"
#include "counts_file.h"
#include "limits_control.h"
#include "log_text.h"
#include "monotonic.h"
#include "service.h"
#include "text.h"
#include "unwaited.h"

#define SOCKET_LOCK LIMIT_PLACE "/lock"

enum {
  SESSIONS_MAX = 2000,          /* connections; one more is hung up on, and its session goes on without limits */
  DESCRIPTORS_BESIDE = 20,
  WAITING_MAX = 512,            /* connections that nobody has taken yet */
  LOOK_MS = 10000,              /* between two looks at the control file */
  WRITE_MS = 300000             /* between two times that the counts are written */
};

static struct usages usages;
static struct counter counter = { .usages = &usages };

/* ---- who asks ---- */

static struct session {
  int fd;                       /* 0: nobody */
  uid_t uid;
  size_t len;
  struct debts debts;
  char bytes[LIMIT_QUESTION_MAX];
} sessions[SESSIONS_MAX];
static size_t places = SESSIONS_MAX;
static uid_t door_keeper;

/* What he has not told of was not sent. */
static void hang_up(struct session *s)
{
  fd_close(s->fd);
  s->fd = 0;
  counter_settle(&s->debts, 0, 0, (uint64_t)time(0));
}

/* ---- what is asked ---- */

static void list(struct limit_answer *a, struct limit_question const *q)
{
  static char text[LIMIT_ANSWER_MAX - 200];
  (void)q;
  a->text = (struct field){ text, counter_list(&counter, text, sizeof text, (uint64_t)time(0)) };
}

static void clear(struct limit_answer *a, struct limit_question const *q)
{
  a->messages = (uint32_t)counter_clear(&counter, q->login);
}

/* Those of the administrator; all others are of sessions. */
static void (*const verbs[LIMIT_VERBS])(struct limit_answer *, struct limit_question const *) = {
  [LIMIT_LIST] = list, [LIMIT_CLEAR] = clear
};

/* False: he is hung up on. */
static bool answer(struct session *s, struct limit_question const *q)
{
  static char said[LIMIT_ANSWER_MAX], text[COUNTER_TEXT_MAX];
  struct limit_answer a = { .said = LIMIT_GRANTED, .text = { "", 0 } };
  uint64_t t = (uint64_t)time(0);
  if (q->verb == LIMIT_DONE) {
    counter_settle(&s->debts, q->messages, q->recipients, t);
    return true;
  }
  if (verbs[q->verb] && s->uid != 0) return false;
  if (verbs[q->verb]) verbs[q->verb](&a, q);
  else counter_answer(&counter, &a, &s->debts, q, t, text);
  return service_say(s->fd, said, limit_answer_pack(said, &a));
}

/* All questions that are whole; false: the bytes are none, or he cannot be answered. */
static bool answer_all(struct session *s)
{
  struct limit_question q;
  long n;
  while ((n = limit_question_unpack(&q, s->bytes, s->len)) > 0) {
    if (!answer(s, &q)) return false;
    s->len -= (size_t)n;
    memmove(s->bytes, s->bytes + n, s->len);
  }
  return n == 0;
}

static void hear(struct session *s)
{
  bool there = service_take(s->fd, s->bytes, sizeof s->bytes, &s->len);
  if (!answer_all(s) || !there) hang_up(s);
}

/* ---- the door ---- */

static struct service const door = { .path = LIMIT_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX };
static int listener, only_one;

static struct session *nobody(void)
{
  for (struct session *s = sessions; s < sessions + places; s++)
    if (!s->fd) return s;
  return 0;
}

static void let_in(int fd)
{
  uid_t uid;
  struct session *s = nobody();
  if (s && service_peer(fd, &uid) && (uid == 0 || uid == door_keeper)) {
    s->fd = fd;
    s->uid = uid;
    s->len = s->debts.count = 0;
  } else {
    fd_close(fd);
  }
}

static void let_all_in(void)
{
  for (int fd; (fd = accept4(listener, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK)) != -1;) let_in(fd);
}

/* ---- the loop ---- */

static volatile sig_atomic_t has_term;
static sigset_t awaited;

static void on_term(int sig)
{
  (void)sig;
  has_term = 1;
}

/* TERM comes while the program waits, and nowhere else. */
static void own_signals(void)
{
  static int const ignored[] = { SIGPIPE, SIGINT, SIGQUIT, SIGHUP, SIGALRM, SIGXFSZ, SIGXCPU };
  sigset_t blocked;
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
  sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, 0);
  sigemptyset(&awaited);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_SETMASK, &blocked, 0);
}

static struct session *polled[SESSIONS_MAX];

static void serve(int64_t until)
{
  static struct pollfd all[1 + SESSIONS_MAX];
  int64_t left = until - monotonic_ms();
  struct timespec const patience = { .tv_sec = left > 0 ? left / 1000 : 0, .tv_nsec = left > 0 ? left % 1000 * 1000000 : 0 };
  nfds_t n = 1;
  all[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
  for (struct session *s = sessions; s < sessions + places; s++) {
    if (!s->fd) continue;
    polled[n - 1] = s;
    all[n++] = (struct pollfd){ .fd = s->fd, .events = POLLIN };
  }
  if (ppoll(all, n, &patience, &awaited) <= 0) return;
  for (nfds_t i = 1; i < n; i++)
    if (all[i].revents) hear(polled[i - 1]);
  if (all[0].revents) let_all_in();
}

static void serve_all(void)
{
  int64_t look = monotonic_ms() + LOOK_MS, write = monotonic_ms() + WRITE_MS;
  while (!has_term) {
    serve(look);
    int64_t now = monotonic_ms();
    if (now >= look) {
      limits_control_look(&counter.set);
      look = now + LOOK_MS;
    }
    if (now >= write) {
      counts_file_write(&usages, (uint64_t)time(0));
      write = now + WRITE_MS;
    }
  }
}

/* ---- the beginning and the end ---- */

static void log_reached(char const *text, size_t len)
{
  static stralloc line = STRALLOC_ZERO;
  line.len = 0;
  if (bytes_add(&line, PROG) && bytes_add(&line, ": reached ") && log_text(&line, text, len, COUNTER_TEXT_MAX)
      && bytes_addc(&line, '\n')) unwaited_write(2, line.s, line.len);
}

/* Where fewer descriptors may be had there are fewer places. */
static void find_room(void)
{
  struct rlimit r;
  if (getrlimit(RLIMIT_NOFILE, &r) == -1) return;
  r.rlim_cur = r.rlim_max < SESSIONS_MAX + DESCRIPTORS_BESIDE ? r.rlim_max : SESSIONS_MAX + DESCRIPTORS_BESIDE;
  if (setrlimit(RLIMIT_NOFILE, &r) == -1 || getrlimit(RLIMIT_NOFILE, &r) == -1) return;
  if (r.rlim_cur <= DESCRIPTORS_BESIDE) strerr_dief(111, "too few descriptors");
  if (r.rlim_cur - DESCRIPTORS_BESIDE < places) places = (size_t)r.rlim_cur - DESCRIPTORS_BESIDE;
}

static void give_up_the_rest(void)
{
  static struct confine_path const paths[] = {
    { "control",   CONFINE_READ | CONFINE_LINKS },
    { LIMIT_PLACE, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
    { 0 }
  };
  confine_or_warn(&(struct confinement){ .paths = paths, .ports = CONFINE_NO_PORTS, .calls = CONFINE_NO_PROCESSES | CONFINE_NO_SOCKETS });
}

static void begin(void)
{
  door_keeper = account_uid("qmaild");
  only_one = service_be_alone(SOCKET_LOCK);
  find_room();
  if (getrandom(usages.key, sizeof usages.key, 0) != sizeof usages.key) strerr_diefusys(111, "get random bytes");
  counter.reached = log_reached;
  counts_file_read(&usages, (uint64_t)time(0));
  limits_control_look(&counter.set);
  counter_hold_all(&counter);
  service_open(&listener, &door, 1, SOCK_NONBLOCK);
  give_up_the_rest();
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-limitd";
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  if (geteuid() == 0) strerr_dief(100, "refusing to run as root: qmaild is the user");
  umask(022);
  own_signals();
  enter_home();
  begin();
  service_announce("", 0, &door, 1);
  serve_all();
  unlink(LIMIT_ADDRESSES);
  service_end(&door, listener);
  counts_file_write(&usages, (uint64_t)time(0));
  return 0;
}
