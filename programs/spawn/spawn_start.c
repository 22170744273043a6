#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/selfpipe.h>

#include "monotonic.h"
#include "spawn_agents.h"
#include "spawn_deadline.h"
#include "spawn_start.h"

enum {
  QUESTION_SECONDS = 60,                  /* whoever asked goes on without an answer then */
  BEYOND_STANDARD = 3                     /* the first descriptor that is none of the standard ones */
};

static char const no_pipe[] = "Zqmail-spawn unable to create pipe. (#4.3.0)\n";
static char const no_fork[] = "Zqmail-spawn unable to fork. (#4.3.0)\n";

static bool fits_in_memory(struct spawn_delivery const *d, struct queue_message const *m)
{
  return d->in_memory > 0 || !m->message_len;
}

static unsigned long seconds_of(struct spawn_role const *role, struct wire_command const *c)
{
  if (wire_is_question(c)) return QUESTION_SECONDS;
  return role->seconds_max ? *role->seconds_max : 0;
}

static void run(struct spawn *s, struct spawn_delivery *d, pid_t pid, int output)
{
  spawn_deadline_set(d, monotonic_ms(), seconds_of(s->role, &d->command));
  spawn_delivery_runs(&s->deliveries, d, pid, output);
}

/* The end for reading does not block. */
static bool output_pipe(int p[2])
{
  if (pipecoe(p) == -1) return false;
  ndelay_on(p[0]);
  return true;
}

/* ---- an agent that is there already ---- */

/* A message file and an output that it may keep; its ends of them are to be passed. */
static bool equip(struct agent *a, int passed[2])
{
  int p[2];
  a->message = spawn_message_new();
  if (a->message != -1) passed[0] = spawn_message_reopen(a->message);
  if (passed[0] == -1 || !output_pipe(p)) return false;
  a->output = p[0];
  passed[1] = p[1];
  return true;
}

static uint32_t delay_now(struct spawn const *s)
{
  return s->role->may_wait && s->role->may_wait(s->deliveries.count) ? commit_delay_now(&s->commit_delay) : 0;
}

static bool is_asked(struct spawn const *s)
{
  return s->role->places_are_scarce && s->role->places_are_scarce(s->deliveries.count - s->deliveries.light);
}

static bool request(struct agent *a, stralloc const *arguments, struct agent_terms terms, struct queue_message const *m)
{
  int passed[2] = { -1, -1 };
  bool has_kept = a->message != -1;
  bool taken = (has_kept || equip(a, passed)) && spawn_message_copy(a->message, m)
               && agent_request(a, terms, arguments->s, arguments->len, has_kept ? 0 : passed);
  spawn_close(passed);
  spawn_close(passed + 1);
  return taken;
}

static bool hand_over(struct spawn *s, struct agent *a, struct spawn_delivery *d, struct queue_message const *m)
{
  struct agent_terms terms = { delay_now(s), is_asked(s) };
  if (!request(a, &s->arguments, terms, m)) return false;
  d->commit_delay_us = terms.commit_delay_us;
  agent_employ(&s->agents.pool, a, d);
  run(s, d, a->pid, a->output);
  a->output = -1;
  return true;
}

/* What does not fit in memory goes the cold way. */
static bool start_warm(struct spawn *s, struct spawn_delivery *d, struct queue_message const *m)
{
  struct agent *a;
  if (!s->agents.pool.idle || !fits_in_memory(d, m)) return false;
  s->key.len = s->arguments.len = 0;
  if (!s->role->request(&d->command, &s->key, &s->arguments)) return false;
  while ((a = agent_idle(&s->agents.pool, s->key.s, s->key.len))) {
    if (hand_over(s, a, d, m)) return true;
    agent_end(&s->agents.pool, a);
  }
  return false;
}

/* ---- a new process ---- */

/* Neither a delivery nor whom it asks sees anything of another one: all is closed here, before the child is somebody
   else, but for its own end of a pair, which is given back under the lowest number. */
static int keep_only(int fd)
{
  int kept = fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, BEYOND_STANDARD);
  if (kept > BEYOND_STANDARD) close_range(BEYOND_STANDARD, (unsigned)kept - 1, 0);
  close_range(kept == -1 ? BEYOND_STANDARD : (unsigned)kept + 1, UINT_MAX, 0);
  return kept;
}

static _Noreturn void be_child(struct spawn *s, struct spawn_delivery const *d, struct queue_message const *m, int output,
                               int offer)
{
  size_t slot = d->command.recipients[0].slot;
  int message = spawn_message_alone(&s->copies, slot, m, fits_in_memory(d, m));
  selfpipe_finish();
  setpgid(0, 0);
  setrlimit(RLIMIT_NOFILE, &s->descriptors_before);
  if (message == -1 || dup2(message, 0) == -1 || dup2(output, 1) == -1 || dup2(output, 2) == -1) {
    spawn_copy_fail(&s->copies, slot);
    _exit(111);
  }
  struct agent_invitation invitation = { keep_only(offer), &s->agents.program };
  s->role->become_delivery(&d->command, &invitation);
  _exit(111);
}

static char const *start_cold(struct spawn *s, struct spawn_delivery *d, struct queue_message const *m)
{
  int p[2], offer;
  if (!output_pipe(p)) return no_pipe;
  struct agent *a = spawn_agents_invite(s, d, &offer);
  pid_t pid = fork();
  if (pid == 0) be_child(s, d, m, p[1], offer);
  close(p[1]);
  spawn_close(&offer);
  if (a && pid == -1) agent_end(&s->agents.pool, a);
  else if (a) a->pid = pid;
  if (pid == -1) {
    close(p[0]);
    return no_fork;
  }
  setpgid(pid, pid);
  run(s, d, pid, p[0]);
  return 0;
}

/* ---- the one place where a delivery begins ---- */

static char const *start(struct spawn *s, struct spawn_delivery *d, struct queue_message const *m)
{
  spawn_copy_forget(&s->copies, d->command.recipients[0].slot);
  d->in_memory = spawn_memory_take(&s->copies, m->message_len);
  spawn_agents_look_around(s);
  return start_warm(s, d, m) ? 0 : start_cold(s, d, m);
}

void spawn_start(struct spawn *s, struct spawn_delivery *d)
{
  struct queue_message m = { .fd = -1 };
  d->begun = monotonic_us();
  commit_delay_begin(&s->commit_delay, d->command.messid, d->begun);
  spawn_slots_take(&s->deliveries, &s->reports, &d->command);
  if (!d->command.count) {
    spawn_delivery_free(&s->deliveries, &s->copies, d);
    return;
  }
  char const *problem = wire_is_question(&d->command) ? 0 : spawn_message_open(&m, d->command.messid, s->message_owner);
  if (!problem) {
    problem = start(s, d, &m);
    queue_message_close(&m);
  }
  if (!problem) return;
  spawn_report_all(&s->reports, &d->command, problem);
  spawn_delivery_free(&s->deliveries, &s->copies, d);
}
