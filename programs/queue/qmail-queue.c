/* qmail-queue: take a message and its envelope, put them into the queue.

   runs as   qmailq by its setuid bit, for whoever calls; trusts neither environment nor descriptors nor limits
   reads     the message on fd 0, then the envelope on fd 1 (envelope_input.h), HOME/control/queueextra
   changes   HOME/queue/mess: one new file, or nothing at all; pulls lock/trigger
   exits     0 queued and on disk; else another code of queue_exit.h, and nothing is left behind
   prints    nothing, but for one line on fd 2 when the system fails it; it does not wait for whoever reads that
*/

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "acceptance.h"

enum { LIFETIME = 86400 };  /* seconds; qmail-clean removes dot-names of mess/ well after them */

/* ---- endings ---- */

static struct acceptance acceptance = ACCEPTANCE_ZERO;

static _Noreturn void end(int code)
{
  acceptance_drop(&acceptance);
  _exit(code);
}

static void or_end(int code)
{
  if (code) end(code);
}

static void on_alarm(int sig)
{
  (void)sig;
  end(QUEUE_EXIT_TIMEOUT);
}

static void on_crash(int sig)
{
  (void)sig;
  end(QUEUE_EXIT_BUG);
}

/* The caller shall see that it was killed; the handler is gone when it runs (SA_RESETHAND). */
static void on_term(int sig)
{
  acceptance_drop(&acceptance);
  raise(sig);
}

/* ---- a world one can trust ---- */

static struct { int number; void (*handler)(int); } const signals[] = {
  { SIGPIPE, SIG_IGN }, { SIGVTALRM, SIG_IGN }, { SIGPROF, SIG_IGN }, { SIGQUIT, SIG_IGN }, { SIGINT, SIG_IGN },
  { SIGHUP, SIG_IGN }, { SIGXCPU, SIG_IGN }, { SIGXFSZ, SIG_IGN },
  { SIGALRM, on_alarm }, { SIGTERM, on_term },
  { SIGILL, on_crash }, { SIGABRT, on_crash }, { SIGFPE, on_crash }, { SIGBUS, on_crash }, { SIGSEGV, on_crash },
  { SIGSYS, on_crash }
};

static void own_signals(void)
{
  struct sigaction action = { .sa_flags = SA_RESETHAND | SA_NODEFER };
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    action.sa_handler = signals[i].handler;
    sigaction(signals[i].number, &action, 0);
  }
  sigprocmask(SIG_SETMASK, &action.sa_mask, 0);
  alarm(LIFETIME);
}

/* A file of ours must never become descriptor 0, 1 or 2. */
static void own_descriptors(void)
{
  if (fcntl(0, F_GETFD) == -1 || fcntl(1, F_GETFD) == -1) end(QUEUE_EXIT_CANNOT_READ);
  if (fcntl(2, F_GETFD) == -1 && open("/dev/null", O_RDWR) != 2) end(QUEUE_EXIT_CANNOT_READ);
}

/* From here on we end by our own will only. */
static void no_more_signals(void)
{
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, 0);
}

int main(void)
{
  PROG = "qmail-queue";
  clearenv();
  umask(033);
  own_descriptors();
  own_signals();
  or_end(acceptance_begin(&acceptance, getuid(), (uint64_t)getpid()));
  or_end(acceptance_read_message(&acceptance, 0));
  or_end(acceptance_read_envelope(&acceptance, 1));
  no_more_signals();
  or_end(acceptance_commit(&acceptance));
  return 0;
}
