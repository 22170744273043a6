/* qmail-queued: what qmail-queue does, without a new process for each message.

   runs as   qmailq, group qmail, started by its service
   reads     requests on HOME/run/queue/socket (queue_wire.h), from any user of this machine, known by SO_PEERCRED;
             HOME/control/queueextra for each message, HOME/control/concurrencyqueue once
   changes   HOME/queue as qmail-queue does, by the same code (acceptance.h); HOME/run/queue
   exits     0 after TERM, when messages in work are finished; 111 when the machine fails it

   The first process only keeps its workers in number and never reads a foreign byte. A worker serves one connection, one
   message, at a time, because fsync waits. It asks the disk for nothing before it has the whole request in its
   memory, so that a client who vanishes, dawdles or talks nonsense costs a bounded time of one worker.
*/

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "acceptance.h"
#include "confine.h"
#include "control.h"
#include "die.h"
#include "home.h"
#include "lock.h"
#include "monotonic.h"
#include "queue_wire.h"
#include "seats.h"
#include "service.h"

#define SOCKET_LOCK "run/queue/lock"

enum {
  WORKERS_MAX = 255,
  WAITING_MAX = 1024,           /* connections that no worker has taken yet; beyond, injectors run qmail-queue */
  REQUEST_SECONDS = 10          /* for a whole request: its sender had all of it before he came */
};

/* Numbers no pid can have, so that a qp of ours is never that of a qmail-queue at work. */
enum { QP_FIRST = 1 << 22, QP_AFTER = 1 << 30, QP_A_SECOND = 1000 };

/* ---- control ---- */

static unsigned long workers;

static struct control const controls[] = {
  /* file                kind            goes to    when absent */
  { "concurrencyqueue",  CONTROL_NUMBER, &workers,  "20" },
  { 0 }
};

/* ---- what all processes share ---- */

static struct shared {
  _Atomic uint64_t qp;
  struct seat seats[WORKERS_MAX];
} *shared;

static uint64_t next_qp(void)
{
  return QP_FIRST + shared->qp++ % (QP_AFTER - QP_FIRST);
}

/* Begins where the clock stands: a restart does not hand out the numbers of a minute ago again. */
static void share(void)
{
  shared = mmap(0, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) die_nomem();
  shared->qp = (uint64_t)time(0) * QP_A_SECOND;
}

/* ---- a worker: one connection ---- */

static char request[QUEUE_REQUEST_MAX];

/* QUEUE_EXIT_ACCEPTED when all has come, else why not. */
static int receive(int fd, char *to, size_t len, int64_t deadline)
{
  static int const codes[] = {
    [SERVICE_RECEIVED] = QUEUE_EXIT_ACCEPTED, [SERVICE_GONE] = QUEUE_EXIT_CANNOT_READ, [SERVICE_LATE] = QUEUE_EXIT_TIMEOUT
  };
  return codes[service_receive(fd, to, len, deadline)];
}

static int receive_request(int fd, struct queue_request *lengths)
{
  char packed[QUEUE_REQUEST];
  int64_t deadline = monotonic_ms() + REQUEST_SECONDS * 1000L;
  int code = receive(fd, packed, sizeof packed, deadline);
  if (code) return code;
  if (!queue_request_unpack(lengths, packed)) return QUEUE_EXIT_MALFORMED;
  return receive(fd, request, (size_t)lengths->message_len + lengths->envelope_len, deadline);
}

static int put_into_queue(struct queue_request const *lengths, uid_t caller, uint64_t qp)
{
  static struct acceptance a = ACCEPTANCE_ZERO;
  int code = acceptance_begin(&a, caller, qp);
  if (!code) code = acceptance_message(&a, request, lengths->message_len);
  if (!code) code = acceptance_envelope(&a, request + lengths->message_len, lengths->envelope_len);
  if (!code && !a.complete) code = QUEUE_EXIT_CANNOT_READ;
  if (!code) code = acceptance_commit(&a);
  acceptance_drop(&a);
  return code;
}

static bool say_hello(int fd, uint64_t qp)
{
  char hello[QUEUE_HELLO];
  queue_hello_pack(hello, qp);
  return service_say(fd, hello, sizeof hello);
}

static void take_one(int fd, uid_t caller)
{
  struct queue_request lengths;
  uint64_t qp = next_qp();
  if (!say_hello(fd, qp)) return;
  int code = receive_request(fd, &lengths);
  if (!code) code = put_into_queue(&lengths, caller, qp);
  service_say(fd, (char const []){ (char)code }, 1);
}

static void serve(int fd, size_t mine)
{
  uid_t caller;
  if (!service_peer(fd, &caller)) return;
  bool by_us = caller == 0 || acceptance_is_by_us(caller);
  if (!seat_take(shared->seats, workers, mine, caller, by_us)) {
    say_hello(fd, 0);
    return;
  }
  take_one(fd, caller);
  seat_leave(shared->seats + mine);
}

/* ---- a worker ---- */

static sigset_t stopping;

/* TERM ends a worker here and nowhere else. A client who was accepted in that instant has heard nothing from us, and
   goes to qmail-queue. */
static int next_client(int listener)
{
  sigprocmask(SIG_UNBLOCK, &stopping, 0);
  int fd = accept4(listener, 0, 0, SOCK_CLOEXEC);
  int e = errno;
  sigprocmask(SIG_BLOCK, &stopping, 0);
  errno = e;
  return fd;
}

/* A shortage that may pass must not become a busy loop. */
static void wait_a_little(void)
{
  nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, 0);
}

static _Noreturn void work(int listener, size_t mine)
{
  for (;;) {
    int fd = next_client(listener);
    if (fd == -1) {
      if (errno != EINTR && errno != ECONNABORTED) wait_a_little();
      continue;
    }
    serve(fd, mine);
    close(fd);
  }
}

/* ---- the master ---- */

/* Anybody may connect. */
static struct service const door = {
  .path = QUEUE_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX
};
static int listener, only_one;
static sigset_t awaited;

static void told(char const *what, pid_t pid, int number)
{
  char digits[2][UINT_FMT];
  digits[0][uint_fmt(digits[0], (unsigned)pid)] = 0;
  digits[1][uint_fmt(digits[1], (unsigned)number)] = 0;
  strerr_warnw("worker ", digits[0], what, digits[1]);
}

static _Noreturn void be_worker(size_t mine, pid_t master)
{
  sigset_t others = awaited;
  close(only_one);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != master) _exit(0);
  sigdelset(&others, SIGTERM);
  sigprocmask(SIG_UNBLOCK, &others, 0);
  work(listener, mine);
}

static void start_worker(size_t i)
{
  pid_t master = getpid();
  pid_t pid = fork();
  if (pid == 0) be_worker(i, master);
  if (pid == -1) strerr_warnwusys("fork");
  shared->seats[i].worker = pid == -1 ? 0 : pid;
}

static void start_missing_workers(void)
{
  for (size_t i = 0; i < workers; i++)
    if (!shared->seats[i].worker) start_worker(i);
}

static size_t reap_workers(void)
{
  pid_t pid;
  int wstat;
  size_t dead = 0;
  while ((pid = wait_nohang(&wstat)) > 0)
    for (size_t i = 0; i < workers; i++) {
      if (shared->seats[i].worker != pid) continue;
      shared->seats[i].worker = 0;
      seat_leave(shared->seats + i);
      dead++;
      if (WIFSIGNALED(wstat) && WTERMSIG(wstat) != SIGTERM) told(" was killed by signal ", pid, WTERMSIG(wstat));
      if (WIFEXITED(wstat)) told(" exited ", pid, WEXITSTATUS(wstat));
    }
  return dead;
}

static size_t living_workers(void)
{
  size_t n = 0;
  for (size_t i = 0; i < workers; i++) n += shared->seats[i].worker != 0;
  return n;
}

/* Whoever comes from now on goes to qmail-queue; what is being accepted is finished. */
static void finish(void)
{
  service_end(&door, listener);
  for (size_t i = 0; i < workers; i++)
    if (shared->seats[i].worker) kill(shared->seats[i].worker, SIGTERM);
  while (living_workers()) {
    sigwaitinfo(&awaited, 0);
    reap_workers();
  }
}

/* Dead workers are replaced, each time they die again within a second only once a second. */
static void keep_workers(void)
{
  struct timespec const second = { .tv_sec = 1 };
  time_t started = -1;
  for (;;) {
    if (monotonic_seconds() != started) {
      start_missing_workers();
      started = monotonic_seconds();
    }
    int sig = living_workers() < workers ? sigtimedwait(&awaited, 0, &second) : sigwaitinfo(&awaited, 0);
    if (sig == SIGTERM) return;
    reap_workers();
  }
}

/* ---- the socket ---- */

static void be_the_only_one(void)
{
  only_one = open(SOCKET_LOCK, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (only_one == -1) strerr_diefusys(111, "open ", HOME, "/", SOCKET_LOCK);
  if (!lock_try(only_one)) strerr_dief(111, "another qmail-queued is running");
}

static void open_socket(void)
{
  listener = service_listen(&door, 0);
  if (listener == -1) strerr_diefusys(111, "listen on ", HOME, "/", QUEUE_SOCKET);
}

/* ---- the beginning ---- */

/* All below HOME, where modes say what is ours: somebody may mount or restore a queue there under our feet. */
static struct confine_path const paths[] = {
  { ".",        CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
  { "queue",    CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
  { "control",  CONFINE_READ | CONFINE_LINKS },
  { 0 }
};
static struct confinement const confinement = {
  .paths = paths, .ports = CONFINE_NO_PORTS, .calls = CONFINE_NO_SOCKETS
};

static void own_signals(void)
{
  int const ignored[] = { SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGXFSZ, SIGXCPU };
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
  signal(SIGTERM, SIG_DFL);
  signal(SIGCHLD, SIG_DFL);
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGTERM);
  awaited = stopping;
  sigaddset(&awaited, SIGCHLD);
  sigprocmask(SIG_SETMASK, &awaited, 0);
}

static void read_controls(void)
{
  enter_home();
  control_load_or_die(controls);
  if (workers < 1) workers = 1;
  if (workers > WORKERS_MAX) workers = WORKERS_MAX;
}

static void announce(void)
{
  char digits[ULONG_FMT];
  digits[ulong_fmt(digits, workers)] = 0;
  strerr_warni(digits, " workers listen on ", HOME, "/", QUEUE_SOCKET);
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-queued";
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  if (geteuid() == 0) strerr_dief(100, "refusing to run as root: qmailq is the user");
  umask(033);
  own_signals();
  read_controls();
  acceptance_know_callers();
  be_the_only_one();
  share();
  open_socket();
  confine_or_warn(&confinement);
  start_missing_workers();
  announce();
  keep_workers();
  finish();
  return 0;
}
