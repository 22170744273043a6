/* qmail-send: decide about queued mail: when which recipient is tried, what fails, what is returned.

   runs as   qmails, started by qmail-start
   reads     mess/ in HOME/queue, lock/trigger, control files; reports of qmail-lspawn (fd 2), of
             qmail-rspawn (4), answers of qmail-clean (6); requests of qmail-qctl on lock/control/socket
   writes    its log (fd 0), commands to qmail-lspawn (1), qmail-rspawn (3), requests to qmail-clean (5)
   changes   bounce/N itself, mess/S/N through qmail-clean only; injects bounces through qmail-queue
   signals   TERM ends it when running deliveries are done or their time is over, ALRM makes all mail due, HUP rereads control files
   exits     0 after TERM or when a partner is lost, 111 when it cannot begin
*/

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/iopause.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>
#include <skalibs/tai.h>

#include "backlog.h"
#include "home.h"
#include "lock.h"
#include "memory.h"
#include "queue_path.h"
#include "send.h"
#include "send_asker.h"
#include "send_call.h"
#include "send_clean.h"
#include "send_clock.h"
#include "send_confine.h"
#include "send_delivery.h"
#include "send_destination.h"
#include "send_events.h"
#include "send_finish.h"
#include "send_intake.h"
#include "send_jobs.h"
#include "send_log.h"
#include "send_reload.h"
#include "send_stop.h"

enum { LSPAWN_COMMANDS = 1, LSPAWN_REPORTS, RSPAWN_COMMANDS, RSPAWN_REPORTS, CLEAN_REQUESTS, CLEAN_ANSWERS };
enum { SLEEP_MAX = 86400 };     /* seconds */

static int signals;
static bool clean_alive = true;
static bool over;               /* nothing that runs is waited for any longer */

/* ---- beginning ---- */

static _Noreturn void cannot_start(char const *why)
{
  log_line("alert: cannot start: %s", why);
  _exit(111);
}

static void controls_begin(void)
{
  char const *culprit;
  if (chdir(HOME) == -1) cannot_start("unable to switch to home directory");
  if (settings_load(&culprit)) return;
  log_line("warning: unable to read %s: %s", culprit, strerror(errno));
  cannot_start("unable to read controls");
}

static void queue_begin(void)
{
  if (chdir("queue") == -1) cannot_start("unable to switch to queue directory");
  umask(077);
  int mutex = open(QUEUE_SENDMUTEX, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (mutex == -1) cannot_start("unable to open mutex");
  if (!lock_try(mutex)) cannot_start("qmail-send is already running");
  backlog_begin();
}

/* No reader or writer of these is waited for, and no child of ours may inherit them. */
static void pipes_begin(void)
{
  spawners[CHANNEL_LOCAL].commands.fd = LSPAWN_COMMANDS;
  spawners[CHANNEL_LOCAL].reports_fd = LSPAWN_REPORTS;
  spawners[CHANNEL_REMOTE].commands.fd = RSPAWN_COMMANDS;
  spawners[CHANNEL_REMOTE].reports_fd = RSPAWN_REPORTS;
  clean_requests.fd = CLEAN_REQUESTS;
  if (!spawners_begin()) cannot_start("hath the daemon spawn no fire?");
  for (int fd = LSPAWN_COMMANDS; fd <= CLEAN_ANSWERS; fd++)
    if (ndelay_on(fd) == -1 || coe(fd) == -1) cannot_start("unable to prepare descriptors");
}

static void signals_begin(void)
{
  signals = selfpipe_init();
  if (signals == -1 || sig_altignore(SIGPIPE) == -1 || selfpipe_trap(SIGTERM) == -1 || selfpipe_trap(SIGALRM) == -1
      || selfpipe_trap(SIGHUP) == -1 || selfpipe_trap(SIGCHLD) == -1) cannot_start("unable to catch signals");
}

/* ---- signals ---- */

static void signal_term(void)
{
  stopping = true;
}

static void signal_alrm(void)
{
  for (int c = 0; c < CHANNELS; c++)
    for (int n = 0; n < NEWNESSES; n++) heap_all_due(&ready[c][n], now);
  destinations_wake_all();
  jobs_wake();
  scan_all_due();
}

static void signals_read(void)
{
  for (;;) switch (selfpipe_read()) {
    case SIGTERM: signal_term(); break;
    case SIGALRM: signal_alrm(); break;
    case SIGHUP: controls_reload(); break;
    case SIGCHLD: events_children(); break;
    default: return;
  }
}

/* ---- the loop ---- */

enum {
  AT_SIGNALS, AT_LOCAL_OUT, AT_LOCAL_IN, AT_REMOTE_OUT, AT_REMOTE_IN, AT_CLEAN_OUT, AT_CLEAN_IN, AT_TRIGGER, AT_ASKERS,
  AT_CALLERS = AT_ASKERS + ASKER_PLACES, PLACES = AT_CALLERS + CALLER_PLACES
};

static void wait_for(iopause_fd *x, int fd, bool wanted, short events)
{
  x->fd = wanted ? fd : -1;
  x->events = events;
  x->revents = 0;
}

static void wait_for_spawner(iopause_fd *out, iopause_fd *in, struct spawner const *s)
{
  wait_for(out, s->commands.fd, s->alive && outbox_full(&s->commands), IOPAUSE_WRITE);
  wait_for(in, s->reports_fd, s->alive, IOPAUSE_READ);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

static uint64_t next_time(void)
{
  uint64_t t = earlier(jobs_next(CHANNEL_LOCAL), jobs_next(CHANNEL_REMOTE));
  t = earlier(t, earlier(askers_patience(), callers_patience()));
  t = earlier(t, deliveries_look_next());
  return stopping ? earlier(t, stop_next()) : earlier(t, earlier(trigger_next(), earlier(chores_next(), scan_next())));
}

/* Sleeps until something happens or is due. Deadlines run on a clock that nobody sets. */
static void wait_for_events(iopause_fd x[PLACES], bool busy)
{
  tain deadline;
  uint64_t next = busy ? 0 : next_time();
  uint64_t seconds = next > now ? next - now : 0;
  wait_for(x + AT_SIGNALS, signals, true, IOPAUSE_READ);
  wait_for_spawner(x + AT_LOCAL_OUT, x + AT_LOCAL_IN, &spawners[CHANNEL_LOCAL]);
  wait_for_spawner(x + AT_REMOTE_OUT, x + AT_REMOTE_IN, &spawners[CHANNEL_REMOTE]);
  wait_for(x + AT_CLEAN_OUT, CLEAN_REQUESTS, clean_alive && outbox_full(&clean_requests), IOPAUSE_WRITE);
  wait_for(x + AT_CLEAN_IN, CLEAN_ANSWERS, clean_alive, IOPAUSE_READ);
  wait_for(x + AT_TRIGGER, trigger_fd(), !stopping, IOPAUSE_READ);
  askers_wait_for(x + AT_ASKERS);
  callers_wait_for(x + AT_CALLERS);
  tain_now_g();
  tain_addsec_g(&deadline, (int)(seconds < SLEEP_MAX ? seconds : SLEEP_MAX));
  if (iopause_g(x, PLACES, &deadline) == -1 && errno != EINTR) {
    log_line("warning: trouble in select");
    log_flush();
    sleep(1);
  }
  clock_read();
}

static bool ready_at(iopause_fd const *x)
{
  return x->fd != -1 && x->revents;
}

static void clean_lost(void)
{
  if (!clean_alive) return;
  clean_alive = false;
  stopping = true;
  log_line("alert: oh no! lost qmail-clean connection! dying...");
}

static void receive(iopause_fd const x[PLACES])
{
  if (ready_at(x + AT_SIGNALS)) signals_read();
  if (ready_at(x + AT_LOCAL_IN)) events_reports(CHANNEL_LOCAL);
  if (ready_at(x + AT_REMOTE_IN)) events_reports(CHANNEL_REMOTE);
  jobs_end();
  if (ready_at(x + AT_CLEAN_IN) && !events_answers(CLEAN_ANSWERS)) clean_lost();
  if (ready_at(x + AT_TRIGGER)) trigger_read();
  askers_receive(x + AT_ASKERS);
  callers_receive(x + AT_CALLERS);
}

/* New mail first, then deliveries, and of everything else a little. True when there is more to do at once. */
static bool work(void)
{
  bool more = false;
  if (!stopping) {
    trigger_check();
    more |= announced_run();
    more |= scan_run();
    more |= chores_run();
  }
  more |= jobs_run(CHANNEL_LOCAL);
  more |= jobs_run(CHANNEL_REMOTE);
  events_questions();
  jobs_end();
  more |= events_requests();
  bounces_run();
  deliveries_look();
  if (stopping) over = stop_run();
  backlog_tell(local_and_new);
  return more;
}

/* The log goes first, so that it knows of a delivery before anybody else does. */
static void transmit(void)
{
  log_flush();
  for (int c = 0; c < CHANNELS; c++)
    if (spawners[c].alive && !outbox_write(&spawners[c].commands)) spawner_lost((enum channel)c);
  if (clean_alive && !outbox_write(&clean_requests)) clean_lost();
}

static bool finished(void)
{
  return over && !(clean_alive && outbox_full(&clean_requests));
}

int main(void)
{
  iopause_fd x[PLACES];
  bool busy = true;
  memory_gone = wait_for_memory;
  controls_begin();
  queue_begin();
  pipes_begin();
  signals_begin();
  trigger_open();
  askers_begin();
  callers_begin();
  tain_now_set_stopwatch_g();
  clock_begin();
  log_status();
  log_gather();
  while (!finished()) {
    confine_when_possible();
    wait_for_events(x, busy);
    receive(x);
    busy = work();
    transmit();
    log_flush();
  }
  log_line("status: exiting");
  log_flush();
  return 0;
}
