#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "die.h"
#include "kept_clients.h"
#include "monotonic.h"
#include "workers.h"

static sigset_t stopping, awaited;

void workers_own_signals(void)
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

struct seat *workers_seats(size_t count)
{
  void *seats = mmap(0, count * sizeof (struct seat), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (seats == MAP_FAILED) die_nomem();
  return seats;
}

/* ---- a worker ---- */

/* TERM ends a worker here and nowhere else. A client who was accepted in that instant has heard nothing from us. */
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

static void wait_only_so_long(int listener)
{
  struct timeval const patience = { .tv_sec = WORKERS_IDLE_SECONDS };
  setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

static void nobody_came(struct workers const *w)
{
  if (errno == EAGAIN && w->idle) w->idle();
  else if (errno != EINTR && errno != ECONNABORTED) wait_a_little();
}

static _Noreturn void work_on(struct workers const *w, size_t mine, int listener)
{
  static struct kept_clients clients;
  sigset_t none;
  sigemptyset(&none);
  if (!kept_clients_begin(&clients, listener)) strerr_diefusys(111, "watch the socket");
  for (;;) {
    int fd = kept_clients_next(&clients, &none, 1000 * WORKERS_IDLE_SECONDS);
    if (fd == -1) {
      if (errno == EAGAIN) kept_clients_forget(&clients);
      if (errno != EAGAIN || w->idle) nobody_came(w);
    }
    else if (w->serve_on(fd, mine)) kept_clients_keep(&clients);
    else kept_clients_leave(&clients);
  }
}

static _Noreturn void work(struct workers const *w, size_t mine)
{
  int listener = w->begin(mine);
  if (w->serve_on) work_on(w, mine, listener);
  if (w->idle) wait_only_so_long(listener);
  for (;;) {
    int fd = next_client(listener);
    if (fd == -1) {
      nobody_came(w);
      continue;
    }
    w->serve(fd, mine);
    close(fd);
  }
}

static _Noreturn void be_worker(struct workers const *w, size_t mine, pid_t master)
{
  sigset_t others = awaited;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != master) _exit(0);
  sigdelset(&others, SIGTERM);
  sigprocmask(SIG_UNBLOCK, &others, 0);
  work(w, mine);
}

/* ---- the first process ---- */

static void told(char const *what, pid_t pid, int number)
{
  char digits[2][UINT_FMT];
  digits[0][uint_fmt(digits[0], (unsigned)pid)] = 0;
  digits[1][uint_fmt(digits[1], (unsigned)number)] = 0;
  strerr_warnw("worker ", digits[0], what, digits[1]);
}

static void start_worker(struct workers const *w, size_t i)
{
  pid_t master = getpid();
  pid_t pid = fork();
  if (pid == 0) be_worker(w, i, master);
  if (pid == -1) strerr_warnwusys("fork");
  w->seats[i].worker = pid == -1 ? 0 : pid;
}

static void start_workers(struct workers const *w)
{
  for (size_t i = 0; i < w->count; i++)
    if (!w->seats[i].worker) start_worker(w, i);
}

static void worker_is_dead(struct seat *seat, pid_t pid, int wstat)
{
  seat->worker = 0;
  seat_leave(seat);
  if (WIFSIGNALED(wstat) && WTERMSIG(wstat) != SIGTERM) told(" was killed by signal ", pid, WTERMSIG(wstat));
  if (WIFEXITED(wstat)) told(" exited ", pid, WEXITSTATUS(wstat));
}

static void reap_workers(struct workers const *w)
{
  pid_t pid;
  int wstat;
  while ((pid = wait_nohang(&wstat)) > 0)
    for (size_t i = 0; i < w->count; i++)
      if (w->seats[i].worker == pid) worker_is_dead(w->seats + i, pid, wstat);
}

static size_t living_workers(struct workers const *w)
{
  size_t n = 0;
  for (size_t i = 0; i < w->count; i++) n += w->seats[i].worker != 0;
  return n;
}

static void keep_workers(struct workers const *w)
{
  struct timespec const second = { .tv_sec = 1 };
  time_t started = -1;
  for (;;) {
    if (monotonic_seconds() != started) {
      start_workers(w);
      started = monotonic_seconds();
    }
    int sig = living_workers(w) < w->count ? sigtimedwait(&awaited, 0, &second) : sigwaitinfo(&awaited, 0);
    if (sig == SIGTERM) return;
    reap_workers(w);
  }
}

static void end_workers(struct workers const *w)
{
  for (size_t i = 0; i < w->count; i++)
    if (w->seats[i].worker) kill(w->seats[i].worker, SIGTERM);
  while (living_workers(w)) {
    sigwaitinfo(&awaited, 0);
    reap_workers(w);
  }
}

void workers_serve(struct workers const *w, size_t announced, int const listeners[], struct service const doors[], size_t count)
{
  start_workers(w);
  service_announce("workers", announced, doors, count);
  keep_workers(w);
  service_close(listeners, doors, count);
  end_workers(w);
}
