/* qmail-authd: the one who knows who may log in: he has the password looked at by whom it concerns, and remembers who tries
   wrong ones.

   runs as   root, since the passwords of the system and checkers of the site ask for it, started by its service
   reads     questions on HOME/run/auth/socket and quick (auth_wire.h), from root and qmaild; users/cdb, passwd and shadow,
             HOME/control/checkpassword, penalty, penaltyfree; asks qmail-usersd
   starts    the program that control/checkpassword names, unless it is one of ours
   changes   HOME/run/auth
   logs      each refused login, without the password
   exits     0 after TERM, when what was asked is answered; 111 when the machine fails it

   The first process only keeps its workers in number and never reads a foreign byte. A worker serves one question at a time.
*/

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "accounts.h"
#include "attempt.h"
#include "box.h"
#include "control.h"
#include "crowd.h"
#include "decoy.h"
#include "die.h"
#include "monotonic.h"
#include "service.h"
#include "workers.h"

#define SOCKET_LOCK AUTH_PLACE "/lock"

enum {
  WORKERS_MAX = 64,
  QUICK_WORKERS = 2,
  WAITING_MAX = 256,            /* connections that no worker has taken yet; beyond, who connects waits for a place */
  QUESTION_MS = 2000            /* for a whole question: who asks had all of it before he came */
};

static unsigned long logins;

static struct control const controls[] = {
  /* file                 kind            goes to   when absent */
  { "concurrencylogins",  CONTROL_NUMBER, &logins,  "4" },
  { 0 }
};

/* ---- who asks ---- */

static uid_t door;

/* Who is root decides about the box; who takes logins from the network may try them. Not who has virtual domains: programs of
   their users run as he does, and would guess in the name of any address. */
static bool may_ask(uid_t caller, enum auth_verb verb)
{
  if (caller == 0) return true;
  return caller == door && verb <= AUTH_HAS_FAILED;
}

/* ---- what is asked ---- */

/* The mark goes to him who asks and comes back as it was. */
static void may_try(struct auth_answer *a, struct auth_question const *q)
{
  static char digits[UINT64_FMT];
  a->text = (struct field){ digits, uint64_fmt(digits, box_mark(q->login, q->secret)) };
  a->seconds = box_wait(q->client_ip);
  if (a->seconds) a->said = AUTH_MUST_WAIT;
}

static void has_failed(struct auth_answer *a, struct auth_question const *q)
{
  uint64_t mark = 0;
  for (size_t i = 0; i < q->secret.len; i++) mark = 10 * mark + (unsigned char)(q->secret.s[i] - '0');
  a->seconds = box_failed(q->client_ip, mark);
}

static void list(struct auth_answer *a, struct auth_question const *q)
{
  static char text[AUTH_ANSWER_MAX - 200];
  (void)q;
  a->text = (struct field){ text, box_list(text, sizeof text) };
}

static void empty(struct auth_answer *a, struct auth_question const *q)
{
  size_t count;
  if (!box_empty(q->client_ip, &count)) a->said = AUTH_WRONG;
  else a->seconds = (uint32_t)count;
}

static void (*const verbs[AUTH_VERBS])(struct auth_answer *, struct auth_question const *) = {
  [AUTH_PASSWORD] = attempt, [AUTH_SALT] = attempt_salt, [AUTH_MAY_TRY] = may_try, [AUTH_HAS_FAILED] = has_failed, [AUTH_LIST] = list, [AUTH_EMPTY] = empty
};

/* ---- one question ---- */

/* False when there comes none, or none that is one. */
static bool receive(struct auth_question *q, int fd, char question[AUTH_QUESTION_MAX])
{
  int64_t deadline = monotonic_ms() + QUESTION_MS;
  size_t len = 0;
  for (;;) {
    long n = auth_question_unpack(q, question, len);
    if (n) return n > 0;
    if (!service_comes(fd, deadline) || !service_take(fd, question, AUTH_QUESTION_MAX, &len)) return false;
  }
}

static void answer(int fd, uid_t caller, bool only_quick)
{
  static char question[AUTH_QUESTION_MAX], said[AUTH_ANSWER_MAX];
  struct auth_question q;
  struct auth_answer a = { .said = AUTH_LET_IN };
  if (receive(&q, fd, question) && may_ask(caller, q.verb) && (auth_is_quick(q.verb) || !only_quick)) {
    verbs[q.verb](&a, &q);
    size_t len = auth_answer_pack(said, &a);
    service_say(fd, said, len);
  }
  explicit_bzero(question, sizeof question);
}

/* ---- the workers ---- */

/* Anybody may connect: who he is decides whether he is told anything. */
enum { LOGINS, QUICK, DOORS };

static struct service const doors[DOORS] = {
  [LOGINS] = { .path = AUTH_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX },
  [QUICK] = { .path = AUTH_QUICK, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX }
};
static int listeners[DOORS], only_one;
static struct crowd_mark *marks;

static int door_of(size_t mine)
{
  return mine < logins ? LOGINS : QUICK;
}

static int begin(size_t mine)
{
  int const own = door_of(mine);
  if (own == LOGINS) crowd_join(marks, logins, mine);
  close(only_one);
  close(listeners[own == LOGINS ? QUICK : LOGINS]);
  box_open();
  return listeners[own];
}

static void serve(int fd, size_t mine)
{
  uid_t caller;
  if (service_peer(fd, &caller) && may_ask(caller, AUTH_PASSWORD)) answer(fd, caller, door_of(mine) == QUICK);
}

/* ---- the beginning ---- */

static void read_controls(void)
{
  enter_home();
  control_load_or_die(controls);
  if (logins < 1) logins = 1;
  if (logins > WORKERS_MAX) logins = WORKERS_MAX;
  door = account_uid("qmaild");
  attempt_know_owner(account_uid("vpopmail"));
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-authd";
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  if (geteuid() != 0) strerr_dief(100, "only root can check passwords");
  umask(077);
  workers_own_signals();
  read_controls();
  only_one = service_be_alone(SOCKET_LOCK);
  box_make();
  decoy_make();
  marks = crowd_marks(logins);
  if (!marks) die_nomem();
  service_open(listeners, doors, DOORS, 0);
  size_t const count = logins + QUICK_WORKERS;
  struct workers const workers = { .seats = workers_seats(count), .count = count, .begin = begin, .serve = serve };
  workers_serve(&workers, count, listeners, doors, DOORS);
  return 0;
}
