#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "accounts.h"
#include "control.h"
#include "home.h"
#include "monotonic.h"
#include "spawn_agents.h"
#include "spawn_deadline.h"
#include "spawn_start.h"

enum {
  REPORTS_UNSENT = 1 << 20,        /* bytes of unsent reports above which no new command is read */
  DESCRIPTORS = SPAWN_SLOTS + 64,  /* without agents */
  DESCRIPTORS_EACH = 3,            /* of an agent, at most */
  AGENT_SECONDS_MAX = 3600
};

static char const cannot_copy[] = "Zqmail-spawn unable to copy message. (#4.3.0)\n";
static char const no_memory[] = "Zqmail-spawn out of memory. (#4.3.0)\n";

/* ---- the end of a delivery ---- */

/* The one place where its verdict is collected. The delay it was granted is taken off the time it took; whether it
   made use of it nobody tells. One that fills no Maildir does not, and then its work looks shorter than it was. That
   errs on the right side: the shorter the work, the less the next one waits. */
static void finish(struct spawn *s, struct spawn_delivery *d)
{
  commit_delay_learn(&s->commit_delay, monotonic_us() - d->begun - d->commit_delay_us);
  spawn_delivery_mark_cut(d, s->role->output_cut);
  if (spawn_copy_failed(&s->copies, d->command.recipients[0].slot)) spawn_report_all(&s->reports, &d->command, cannot_copy);
  else if (d->steps) spawn_report_all(&s->reports, &d->command, d->because);
  else s->role->judge(&s->reports, &d->command, d->wstat, d->output.s ? d->output.s : "", d->output.len);
  spawn_delivery_free(&s->deliveries, &s->copies, d);
}

static void finish_all_ended(struct spawn *s)
{
  struct spawn_delivery *d;
  while ((d = spawn_delivery_take_ended(&s->deliveries))) finish(s, d);
}

/* The number of a child that has ended is not given to another process before it is reaped. So it is looked at first:
   what is left of the group of a delivery that is made to end can still be found, and killed, by that number. */
static pid_t reap_one(struct spawn_deliveries const *all, int *wstat)
{
  siginfo_t who = { .si_pid = 0 };
  if (waitid(P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) == -1 || !who.si_pid) return 0;
  struct spawn_delivery const *d = spawn_delivery_of(all, who.si_pid);
  if (d && d->steps) kill(-who.si_pid, SIGKILL);
  return wait_pid(who.si_pid, wstat);
}

/* An agent that was lost before it answered ends some way or other, perhaps with 0: that says nothing of the
   delivery, which counts as crashed. */
static void reap(struct spawn *s)
{
  int wstat;
  pid_t pid;
  while (selfpipe_read() > 0) ;
  while ((pid = reap_one(&s->deliveries, &wstat)) > 0) {
    spawn_agents_died(s, pid);
    struct spawn_delivery *d = spawn_delivery_of(&s->deliveries, pid);
    if (d) spawn_delivery_ended(d, d->unanswered && !wstat ? SPAWN_CRASHED : wstat);
  }
}

/* ---- commands ---- */

static void obey(struct spawn *s, struct wire_command const *c, char const *text, size_t len)
{
  struct spawn_delivery *d = wire_is_end(c) ? 0 : spawn_delivery_new(text, len);
  if (wire_is_end(c)) spawn_deadline_is_now(&s->deliveries);
  else if (d) spawn_start(s, d);
  else spawn_report_all(&s->reports, c, no_memory);
}

static void obey_all(struct spawn *s)
{
  struct wire_command c;
  size_t at = 0;
  long n;
  while ((n = wire_command_unpack(&c, s->commands.bytes + at, s->commands.len - at)) > 0) {
    obey(s, &c, s->commands.bytes + at, (size_t)n);
    at += (size_t)n;
  }
  if (n < 0) s->commands.ended = s->commands.broken = true;
  s->commands.len -= at;
  memmove(s->commands.bytes, s->commands.bytes + at, s->commands.len);
}

static void read_commands(struct spawn *s)
{
  ssize_t r = read(0, s->commands.bytes + s->commands.len, sizeof s->commands.bytes - s->commands.len);
  if (r == -1 && (errno == EINTR || errno == EAGAIN)) return;
  if (r <= 0) {
    s->commands.ended = true;
    return;
  }
  s->commands.len += (size_t)r;
  s->agents.looked = false;
  obey_all(s);
}

/* ---- the loop ---- */

/* What a light delivery says fits in the pipe, and is read when it has been made. */
static int output_awaited(struct spawn_delivery const *d)
{
  return d->light && d->pid ? -1 : d->output_fd;
}

/* Outputs first, then agents. A negative descriptor is passed over by poll. */
static size_t gather(struct spawn *s)
{
  struct pollfd *x = s->polled;
  size_t unsent = spawn_reports_waiting(&s->reports), n = AT_OUTPUTS;
  x[AT_COMMANDS] = (struct pollfd){ .fd = s->commands.ended || unsent > REPORTS_UNSENT ? -1 : 0, .events = POLLIN };
  x[AT_REPORTS] = (struct pollfd){ .fd = unsent ? 1 : -1, .events = POLLOUT };
  x[AT_SIGNALS] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
  for (size_t i = 0; i < s->deliveries.count; i++)
    x[n++] = (struct pollfd){ .fd = output_awaited(s->deliveries.running[i]), .events = POLLIN };
  for (size_t i = 0; i < s->agents.pool.count; i++)
    x[n++] = (struct pollfd){ .fd = s->agents.pool.agents[i]->fd, .events = POLLIN };
  return n;
}

/* When poll itself fails, children that ended are what helps. */
static void wait_for_work(struct spawn *s)
{
  int64_t now = monotonic_ms();
  int idle = agent_expire(&s->agents.pool, now), force = spawn_deadline_steps(&s->deliveries, &s->agents.pool, now);
  int poll_timeout = force == -1 || (idle != -1 && idle < force) ? idle : force;
  size_t n = gather(s);
  if (poll(s->polled, n, poll_timeout) >= 0) return;
  for (size_t i = 0; i < n; i++) s->polled[i].revents = 0;
  s->polled[AT_SIGNALS].revents = POLLIN;
}

/* The place of an agent that leaves the pool is taken by the last one, which has been heard already when one goes
   backwards. Should two leave at once one may be overlooked, or heard for another's event: the first is still
   readable in the next turn, and the second is found silent. */
static void hear_agents(struct spawn *s, struct pollfd const *x)
{
  for (size_t i = s->agents.pool.count; i--;)
    if (i < s->agents.pool.count && x[i].revents) spawn_agents_hear(s, s->agents.pool.agents[i]);
}

static void work(struct spawn *s)
{
  wait_for_work(s);
  for (size_t i = 0; i < s->deliveries.count; i++)
    if (s->polled[AT_OUTPUTS + i].revents) spawn_delivery_read(s->deliveries.running[i], s->role->output_max);
  hear_agents(s, s->polled + AT_OUTPUTS + s->deliveries.count);
  if (s->polled[AT_SIGNALS].revents) reap(s);
  finish_all_ended(s);
  if (s->polled[AT_COMMANDS].revents) read_commands(s);
  spawn_reports_flush(&s->reports);
}

/* ---- the start ---- */

static void want_descriptors(struct rlimit *before)
{
  struct rlimit more;
  if (getrlimit(RLIMIT_NOFILE, before) == -1) return;
  more = *before;
  rlim_t wanted = DESCRIPTORS + AGENTS_MAX * DESCRIPTORS_EACH;
  if (more.rlim_cur >= wanted) return;
  more.rlim_cur = more.rlim_max < wanted ? more.rlim_max : wanted;
  setrlimit(RLIMIT_NOFILE, &more);
}

/* Whatever was inherited beyond the three must not reach a delivery. */
static bool own_descriptors(void)
{
  close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
  return fd_sanitize() && ndelay_on(1) == 0;
}

static bool own_resources(struct spawn *s)
{
  want_descriptors(&s->descriptors_before);
  s->signals = selfpipe_init();
  return spawn_copies_begin(&s->copies) && s->signals != -1 && selfpipe_trap(SIGCHLD) >= 0 && sig_altignore(SIGPIPE) >= 0;
}

static unsigned long at_most(unsigned long n, unsigned long most)
{
  return n < most ? n : most;
}

static bool read_controls(struct spawn_role const *role, unsigned long *seconds, unsigned long *idle)
{
  struct control const controls[] = {
    /* file            kind            goes to   when absent */
    { "agentseconds",  CONTROL_NUMBER, seconds,  "5" },
    { "agentlimit",    CONTROL_NUMBER, idle,     "100" },
    { 0 }
  };
  char const *culprit;
  return chdir(HOME) == 0 && control_load(controls, &culprit) && (!role->controls || control_load(role->controls, &culprit));
}

/* Room is kept for all deliveries that go the cold way. Whatever is wrong with agents, mail goes on without them. */
static void want_agents(struct spawn *s)
{
  struct agent_pool *pool = &s->agents.pool;
  unsigned long seconds, idle;
  struct rlimit r;
  if (!read_controls(s->role, &seconds, &idle)) {
    strerr_warnwusys("read control files, so there will be no agents");
    return;
  }
  if (getrlimit(RLIMIT_NOFILE, &r) == -1 || r.rlim_cur <= DESCRIPTORS) return;
  pool->most = at_most((r.rlim_cur - DESCRIPTORS) / DESCRIPTORS_EACH, AGENTS_MAX);
  pool->idle_max = at_most(idle, AGENTS_IDLE_MAX);
  pool->idle_time = 1000 * (uint64_t)at_most(seconds, AGENT_SECONDS_MAX);
  s->agents.wanted = pool->idle_max && pool->idle_time;
}

static bool prepare(struct spawn *s)
{
  s->message_owner = account_uid("qmailq");
  if (!own_descriptors() || !own_resources(s)) {
    strerr_warnwusys("begin");
    return false;
  }
  want_agents(s);
  if (chdir(HOME "/queue/mess") == 0) return true;
  strerr_warnwusys("chdir to ", HOME, "/queue/mess");
  return false;
}

int spawn_main(struct spawn_role const *role)
{
  static struct spawn s;
  s.role = role;
  if (!prepare(&s) || !spawn_reports_begin(&s.reports)) return 111;
  spawn_reports_flush(&s.reports);
  while (!s.commands.ended || s.deliveries.count || spawn_reports_waiting(&s.reports)) work(&s);
  if (s.commands.broken) strerr_warnw("commands make no sense");
  return s.commands.broken ? 111 : 0;
}
