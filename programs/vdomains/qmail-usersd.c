/* qmail-usersd: the one who knows the users of virtual domains: who is there and has room, and whose password is right.

   runs as   vpopmail, started by its service; never root
   reads     questions on HOME/run/users/socket and HOME/run/users/password (users_wire.h), from whom SO_PEERCRED names;
             HOME/users/cdb, the directories of virtual domains, HOME/control/concurrencylogins once
   changes   HOME/run/users; ledgers of mailboxes that it counts, lastauth in the home of who has logged in
   logs      each refused login, without the password
   exits     0 after TERM, when what was asked is answered; 111 when the machine fails it

   The first process only keeps its workers in number and never reads a foreign byte. A worker serves one connection, one
   question, at a time. To verify a password takes some 50 milliseconds of a processor and 16 MB, by design: so there is a socket of
   its own for that, with few workers, and who asks at the other one never waits for it.
*/

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "answer_password.h"
#include "answer_who.h"
#include "asker.h"
#include "confine.h"
#include "control.h"
#include "die.h"
#include "home.h"
#include "lock.h"
#include "monotonic.h"
#include "service.h"
#include "site.h"
#include "users_wire.h"
#include "workers.h"

#define SOCKET_LOCK USERS_PLACE "/lock"

enum {
  WHO_WORKERS = 6,
  LOGIN_WORKERS_MAX = 64,
  WAITING_MAX = 256,            /* connections that no worker has taken yet; beyond, who connects waits for a place */
  QUESTION_MS = 2000            /* for a whole question: who asks had all of it before he came */
};

/* ---- control ---- */

static unsigned long logins;

static struct control const controls[] = {
  /* file                 kind            goes to   when absent */
  { "concurrencylogins",  CONTROL_NUMBER, &logins,  "4" },
  { 0 }
};

/* ---- one question ---- */

/* False when there comes none, or none that is one. */
static bool receive(struct users_question *q, int fd, char question[USERS_QUESTION_MAX])
{
  int64_t deadline = monotonic_ms() + QUESTION_MS;
  size_t len = 0;
  for (;;) {
    long n = users_question_unpack(q, question, len);
    if (n) return n > 0;
    if (!service_comes(fd, deadline) || !service_take(fd, question, USERS_QUESTION_MAX, &len)) return false;
  }
}

static void say(int fd, struct users_answer const *a)
{
  char answer[USERS_ANSWER_MAX];
  size_t len = users_answer_pack(answer, a);
  if (!len) len = users_answer_pack(answer, &(struct users_answer){ .said = SAID_TROUBLE });
  service_say(fd, answer, len);
}

/* Names with a NUL are nobody's. */
static bool is_askable(struct users_question const *q, enum users_verb verb)
{
  return q->verb == verb && !(q->name.len && memchr(q->name.s, 0, q->name.len));
}

static void answer(int fd, uid_t caller, enum users_verb verb)
{
  static char question[USERS_QUESTION_MAX];
  struct users_question q;
  struct users_answer a = { .said = SAID_TROUBLE };
  if (receive(&q, fd, question) && is_askable(&q, verb)) {
    struct asker const who = asker_of(caller, verb);
    if (verb == USERS_PASSWORD) answer_password(&a, &q, &who);
    else a.said = answer_who(&q, &who);
    say(fd, &a);
  }
  explicit_bzero(question, sizeof question);
}

/* ---- the workers ---- */

/* Anybody may connect: who he is decides what he is told. */
static struct service const doors[USERS_VERBS] = {
  [USERS_WHO] = { .path = USERS_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX },
  [USERS_PASSWORD] = { .path = USERS_PASSWORD_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX }
};
static int listeners[USERS_VERBS], only_one;
static struct workers workers;

static enum users_verb verb_of(size_t mine)
{
  return mine < WHO_WORKERS ? USERS_WHO : USERS_PASSWORD;
}

static int begin(size_t mine)
{
  enum users_verb verb = verb_of(mine);
  close(only_one);
  close(listeners[verb == USERS_WHO ? USERS_PASSWORD : USERS_WHO]);
  return listeners[verb];
}

/* The seats of each socket are shared out among those who come to it. */
static bool take_seat(size_t mine, uid_t caller)
{
  bool is_login = verb_of(mine) == USERS_PASSWORD;
  size_t first = is_login ? WHO_WORKERS : 0;
  return seat_take(workers.seats + first, is_login ? logins : WHO_WORKERS, mine - first, caller, asker_is_of_us(caller));
}

static void serve(int fd, size_t mine)
{
  uid_t caller;
  if (!service_peer(fd, &caller)) return;
  if (!take_seat(mine, caller)) {
    say(fd, &(struct users_answer){ .said = SAID_TROUBLE });
    return;
  }
  answer(fd, caller, verb_of(mine));
  seat_leave(workers.seats + mine);
}

/* ---- the beginning ---- */

static void be_the_only_one(void)
{
  only_one = open(SOCKET_LOCK, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (only_one == -1) strerr_diefusys(111, "open ", HOME, "/", SOCKET_LOCK);
  if (!lock_try(only_one)) strerr_dief(111, "another qmail-usersd is running");
}

static void open_sockets(void)
{
  for (size_t i = 0; i < USERS_VERBS; i++) {
    listeners[i] = service_listen(doors + i, 0);
    if (listeners[i] == -1) strerr_diefusys(111, "listen on ", HOME, "/", doors[i].path);
  }
}

/* Domains may lie anywhere, and come while we run: modes say what we may read. What is to be written is below the home of
   our account. */
static void give_up_the_rest(void)
{
  struct confine_path const paths[] = {
    { "/", CONFINE_READ },
    { site_find()->home, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
    { USERS_PLACE, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
    { 0 }
  };
  confine_or_warn(&(struct confinement){ .paths = paths, .ports = CONFINE_NO_PORTS, .calls = CONFINE_NO_SOCKETS });
}

static void read_controls(void)
{
  enter_home();
  control_load_or_die(controls);
  if (logins < 1) logins = 1;
  if (logins > LOGIN_WORKERS_MAX) logins = LOGIN_WORKERS_MAX;
}

static void announce(void)
{
  char digits[ULONG_FMT];
  digits[ulong_fmt(digits, workers.count)] = 0;
  strerr_warni(digits, " workers listen on ", HOME, "/", USERS_SOCKET, " and ", USERS_PASSWORD_SOCKET);
}

static void nobody_comes_any_more(void)
{
  for (size_t i = 0; i < USERS_VERBS; i++) service_end(doors + i, listeners[i]);
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-usersd";
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  if (geteuid() == 0) strerr_dief(100, "refusing to run as root: vpopmail is the user");
  umask(033);
  workers_own_signals();
  read_controls();
  asker_know_accounts();
  site_find();
  be_the_only_one();
  open_sockets();
  workers = (struct workers){ workers_seats(WHO_WORKERS + logins), WHO_WORKERS + logins, begin, serve };
  give_up_the_rest();
  workers_start(&workers);
  announce();
  workers_keep(&workers);
  nobody_comes_any_more();
  workers_end(&workers);
  return 0;
}
