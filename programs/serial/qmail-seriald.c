/* qmail-seriald: send what waits in HOME/serialmail/HOST, every two minutes or when told.

   runs as   root, started by its service; a child for each host becomes the owner of its mail before it reads any of it
   reads     control/concurrencyserial, concurrencyodmr, timeoutodmr, serialinterval, helohost, atrn and tlspolicy; the directories
   hears     on HOME/run/serial/socket, in a child, from qmaild, of clients who call for their mail by ATRN (turn_wire.h)
   changes   nothing itself; children send and remove mail
   obeys     ALRM: look now; TERM: end, with all children
   exits     0 after TERM, or with -l; 100 wrong use, 111 when the machine fails it
*/

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/genalloc.h>
#include <skalibs/iopause.h>
#include <skalibs/selfpipe.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>

#include "accounts.h"
#include "control.h"
#include "die.h"
#include "monotonic.h"
#include "serial_runner.h"
#include "serial_site.h"
#include "serial_turn.h"
#include "service.h"
#include "text.h"
#include "turn_places.h"
#include "turn_wire.h"

#define USAGE "qmail-seriald [ -l ]"

enum { WRONG = 100, TROUBLE = 111, AT_ONCE_MAX = 500 };

struct site {
  char *name;
  pid_t pid;                /* of the child that sends; 0: none */
  int64_t started;          /* milliseconds of the monotonic clock */
  char const *fault;        /* what was last said to be wrong with it */
  bool is_there, waits;     /* as of the last look */
};

static genalloc sites = GENALLOC_ZERO;      /* struct site, in no order */
static size_t running;
static bool ends, is_due = true;
static int64_t next_look;
static int listener = -1;                   /* for who calls; -1: nobody can */

static stralloc helohost = STRALLOC_ZERO;
static unsigned long at_once, turns_at_once, turn_seconds, interval;
static struct nameset tlspolicy = NAMESET_ZERO, atrn = NAMESET_ZERO;

static struct control const controls[] = {
  /* file                 kind            goes to     when absent */
  { "helohost",           CONTROL_LINE,   &helohost,  CONTROL_ME_NEEDED },
  { "concurrencyserial",  CONTROL_NUMBER, &at_once,   "10" },
  { "concurrencyodmr",    CONTROL_NUMBER, &turns_at_once, "40" },
  { "timeoutodmr",        CONTROL_NUMBER, &turn_seconds, "86400" },
  { "serialinterval",     CONTROL_NUMBER, &interval,  "120" },
  { "atrn",               CONTROL_MAP,    &atrn,      0 },
  { "tlspolicy",          CONTROL_MAP,    &tlspolicy, 0 },
  { 0 }
};

static struct site *site_at(size_t i) { return genalloc_s(struct site, &sites) + i; }
static size_t count(void) { return genalloc_len(struct site, &sites); }

/* Files that cannot be read now are as they were; at the beginning there is nothing yet to go by. */
static void read_controls(void)
{
  char const *culprit;
  static bool known = false;
  if (!control_load(controls, &culprit)) {
    if (!known) strerr_diefusys(TROUBLE, "read ", culprit);
    strerr_warnwusys("read ", culprit);
    return;
  }
  known = true;
  text_z(&helohost);
  if (at_once < 1) at_once = 1;
  if (at_once > AT_ONCE_MAX) at_once = AT_ONCE_MAX;
  if (turns_at_once > AT_ONCE_MAX) turns_at_once = AT_ONCE_MAX;
  if (turn_seconds < 1) turn_seconds = 1;
  if (turn_seconds > SERIAL_TURN_SECONDS_MAX) turn_seconds = SERIAL_TURN_SECONDS_MAX;
  if (interval < 1) interval = 1;
  if (interval > 86400) interval = 86400;
}

/* ---- who is there, and has mail ---- */

static struct site *site_named(char const *name)
{
  for (size_t i = 0; i < count(); i++)
    if (!strcmp(site_at(i)->name, name)) return site_at(i);
  struct site fresh = { .name = strdup(name) };
  if (!fresh.name || !genalloc_append(struct site, &sites, &fresh)) die_nomem();
  return site_at(count() - 1);
}

/* Who calls for his mail is not called. */
static bool calls_himself(char const *name)
{
  for (size_t i = 0; i < atrn.count; i++)
    if (turn_place_is_named((struct field){ atrn.text.s + atrn.entries[i].value, atrn.entries[i].value_len }, name)) return true;
  return false;
}

static void look_at(struct site *s)
{
  struct serial_site site;
  struct serial_waiting w = { 0, 0 };
  char const *fault = serial_site_open(&site, s->name);
  if (!fault && !serial_site_look(&w, &site, 1)) fault = strerror(errno);
  if (!fault) fault = serial_site_refusal(&tlspolicy, s->name);
  if (fault && (!s->fault || strcmp(fault, s->fault) != 0)) strerr_warnw(SERIAL_SITES "/", s->name, ": ", fault);
  s->fault = fault;
  s->is_there = true;
  s->waits = !fault && w.messages && !calls_himself(s->name);
  serial_site_close(&site);
}

static void forget_those_that_are_gone(void)
{
  for (size_t i = count(); i-- > 0;) {
    struct site *s = site_at(i);
    if (s->is_there || s->pid) continue;
    free(s->name);
    *s = *site_at(count() - 1);
    genalloc_setlen(struct site, &sites, count() - 1);
  }
}

static void look(void)
{
  static stralloc names = STRALLOC_ZERO;
  is_due = false;
  read_controls();
  next_look = monotonic_ms() + 1000 * (int64_t)interval;
  if (serial_site_names(&names) == -1) {
    strerr_warnwusys("read " SERIAL_SITES);
    return;
  }
  for (size_t i = 0; i < count(); i++) site_at(i)->is_there = site_at(i)->waits = false;
  for (size_t i = 0; i < names.len; i += strlen(names.s + i) + 1) look_at(site_named(names.s + i));
  forget_those_that_are_gone();
}

/* ---- children ---- */

static void status(void)
{
  stralloc line = STRALLOC_ZERO;
  text_set(&line, "status: serial ");
  text_addu(&line, running);
  text_add(&line, "/");
  text_addu(&line, at_once);
  text_add(&line, "\n");
  allwrite(2, line.s, line.len);
  stralloc_free(&line);
}

static void tell(char const *what, char const *name, char const *word, unsigned number)
{
  stralloc line = STRALLOC_ZERO;
  text_set(&line, what);
  text_add(&line, name);
  text_add(&line, word);
  text_addu(&line, number);
  text_add(&line, "\n");
  allwrite(2, line.s, line.len);
  stralloc_free(&line);
  status();
}

/* A process group, so that all of it ends at once. */
static _Noreturn void be_child(char const *name)
{
  selfpipe_finish();
  setpgid(0, 0);
  signal(SIGPIPE, SIG_DFL);
  if (listener != -1) close(listener);
  serial_runner(name, helohost.s);
}

static void start(struct site *s)
{
  s->waits = false;
  s->started = monotonic_ms();
  pid_t pid = fork();
  if (pid == 0) be_child(s->name);
  if (pid == -1) {
    strerr_warnwusys("fork");
    return;
  }
  setpgid(pid, pid);
  s->pid = pid;
  running++;
  tell("starting ", s->name, " pid ", (unsigned)pid);
}

/* Who has waited longest: a host that hangs again and again does not come before the others. */
static struct site *next_site(void)
{
  struct site *best = 0;
  for (size_t i = 0; i < count(); i++) {
    struct site *s = site_at(i);
    if (s->waits && !s->pid && (!best || s->started < best->started)) best = s;
  }
  return best;
}

static void start_those_who_wait(void)
{
  for (struct site *s; running < at_once && (s = next_site());) start(s);
}

/* ---- who calls ---- */

static struct service door = { .path = TURN_SOCKET, .mode = 0600, .group = -1, .waiting = 64 };
static pid_t turns[AT_ONCE_MAX];
static size_t turning;

/* Without it mail goes out as ever. */
static void open_door(void)
{
  door.owner = account_uid("qmaild");
  listener = service_listen(&door, SOCK_NONBLOCK);
  if (listener == -1) strerr_warnwusys("listen on ", TURN_SOCKET, ", so that nobody can call for his mail");
}

static void close_door(void)
{
  if (listener == -1) return;
  service_end(&door, listener);
  listener = -1;
}

static _Noreturn void be_turn(int fd)
{
  selfpipe_finish();
  setpgid(0, 0);
  signal(SIGPIPE, SIG_DFL);
  close(listener);
  serial_turn(fd, helohost.s, (unsigned)turn_seconds);
}

static void let_in(void)
{
  uid_t uid;
  int fd = accept4(listener, 0, 0, SOCK_CLOEXEC);
  if (fd == -1 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, 0);
  if (fd == -1) return;
  bool may = service_peer(fd, &uid) && (uid == 0 || uid == door.owner);
  pid_t pid = may && turning < turns_at_once ? fork() : -1;
  if (pid == 0) be_turn(fd);
  if (pid == -1) service_say(fd, (char const []){ TURN_TROUBLE }, 1);
  else setpgid(pid, pid), turns[turning++] = pid;
  fd_close(fd);
}

static bool was_turn(pid_t pid)
{
  for (size_t i = 0; i < turning; i++)
    if (turns[i] == pid) return turns[i] = turns[--turning], true;
  return false;
}

static void ended(pid_t pid, int wstat)
{
  if (was_turn(pid)) return;
  for (size_t i = 0; i < count(); i++) {
    struct site *s = site_at(i);
    if (s->pid != pid) continue;
    s->pid = 0;
    running--;
    if (WIFEXITED(wstat)) tell("end ", s->name, " exit ", (unsigned)WEXITSTATUS(wstat));
    else tell("end ", s->name, " signal ", (unsigned)WTERMSIG(wstat));
  }
}

static void reap(void)
{
  int wstat;
  for (pid_t pid; (pid = wait_nohang(&wstat)) > 0;) ended(pid, wstat);
}

static void end_all(void)
{
  ends = true;
  for (size_t i = 0; i < count(); i++)
    if (site_at(i)->pid) kill(-site_at(i)->pid, SIGTERM);
  for (size_t i = 0; i < turning; i++) kill(-turns[i], SIGTERM);
  close_door();
}

/* ---- the loop ---- */

static void obey_signals(void)
{
  for (int s; (s = selfpipe_read()) > 0;) switch (s) {
    case SIGCHLD: reap(); break;
    case SIGALRM: case SIGHUP: is_due = true; break;
    default: end_all();
  }
}

static void wait_for_something(int signals)
{
  iopause_fd x[] = { { .fd = signals, .events = IOPAUSE_READ }, { .fd = listener, .events = IOPAUSE_READ } };
  int64_t left = next_look - monotonic_ms();
  tain limit;
  tain_now_g();
  tain_addsec_g(&limit, left > 0 ? (unsigned)(left / 1000 + 1) : 0);
  if (iopause_g(x, listener == -1 ? 1 : 2, &limit) > 0) {
    if (x[0].revents) obey_signals();
    if (listener != -1 && x[1].revents) let_in();
  }
  if (monotonic_ms() >= next_look) is_due = true;
}

static int begin(void)
{
  static int const caught[] = { SIGCHLD, SIGALRM, SIGTERM, SIGHUP, SIGINT };
  int fd = selfpipe_init();
  if (fd == -1) strerr_diefusys(TROUBLE, "open a selfpipe");
  for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
    if (!selfpipe_trap(caught[i])) strerr_diefusys(TROUBLE, "trap signals");
  tain_now_set_stopwatch_g();
  return fd;
}

static void serve(void)
{
  int signals = begin();
  read_controls();
  open_door();
  status();
  while (!ends || running || turning) {
    if (is_due && !ends) look();
    if (!ends) start_those_who_wait();
    else next_look = monotonic_ms() + 1000;
    wait_for_something(signals);
  }
}

/* ---- -l ---- */

static void list_one(stralloc *to, char const *name)
{
  struct serial_site site;
  struct serial_waiting w;
  char const *fault = serial_site_open(&site, name);
  if (!fault && !serial_site_look(&w, &site, SIZE_MAX)) fault = strerror(errno);
  text_add(to, name);
  text_add(to, " ");
  if (fault) {
    text_add(to, fault);
  } else {
    text_addu(to, w.messages);
    text_add(to, " messages");
    if (w.messages) text_add(to, ", the oldest for "), text_addu(to, (uint64_t)(time(0) > w.oldest ? time(0) - w.oldest : 0)), text_add(to, " s");
  }
  if (!fault && calls_himself(name)) text_add(to, "; its host calls for it");
  char const *refusal = fault ? 0 : serial_site_refusal(&tlspolicy, name);
  if (refusal) text_add(to, "; "), text_add(to, refusal);
  text_add(to, "\n");
  serial_site_close(&site);
}

static void list(void)
{
  static struct control const lines[] = {
    { "tlspolicy", CONTROL_MAP, &tlspolicy, 0 }, { "atrn", CONTROL_MAP, &atrn, 0 }, { 0 }
  };
  stralloc names = STRALLOC_ZERO, out = STRALLOC_ZERO;
  control_load_or_die(lines);
  if (serial_site_names(&names) == -1) strerr_diefusys(TROUBLE, "read " SERIAL_SITES);
  for (size_t i = 0; i < names.len; i += strlen(names.s + i) + 1) list_one(&out, names.s + i);
  if (allwrite(1, out.s, out.len) < out.len) strerr_diefusys(TROUBLE, "write output");
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-seriald";
  bool lists = argc == 2 && !strcmp(argv[1], "-l");
  if (argc != 1 && !lists) strerr_dieusage(WRONG, USAGE);
  enter_home();
  if (lists) list();
  else serve();
  return 0;
}
