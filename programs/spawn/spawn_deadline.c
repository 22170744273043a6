#include <limits.h>
#include <signal.h>
#include <stdint.h>

#include "spawn_deadline.h"

static char const took_too_long[] = "ZThe delivery took too long, so it was ended (control/timeoutlocal). (#4.3.0)\n";
static char const stopped[] = "EThe delivery had not ended when mail delivery was stopped. (#4.3.0)\n";

/* An agent passes the first two on to the group of its delivery. */
static struct { int signal; int ms; } const steps[] = { { SIGTERM, 2000 }, { SIGTERM, 1000 }, { SIGKILL, 2000 } };
enum { STEPS = sizeof steps / sizeof *steps };

void spawn_deadline_set(struct spawn_delivery *d, int64_t now, unsigned long seconds)
{
  d->because = took_too_long;
  d->end = seconds ? now + 1000 * (int64_t)(seconds < INT_MAX ? seconds : INT_MAX) : INT64_MAX;
}

void spawn_deadline_is_now(struct spawn_deliveries *all)
{
  for (size_t i = 0; i < all->count; i++) {
    struct spawn_delivery *d = all->running[i];
    if (d->steps) continue;
    d->because = stopped;
    d->end = 0;
  }
}

static void signal_group(pid_t pid, int signal)
{
  if (kill(-pid, signal) == -1) kill(pid, signal);
  kill(-pid, SIGCONT);
}

static void leave_alone(struct agent_pool *pool, struct spawn_delivery *d)
{
  for (size_t i = pool->count; i--;)
    if (pool->agents[i]->job == d) agent_end(pool, pool->agents[i]);
  spawn_delivery_ended(d, SPAWN_CRASHED);
}

/* What has ended, and only left its output with somebody, has a verdict of its own. */
static void next_step(struct agent_pool *pool, struct spawn_delivery *d, int64_t now)
{
  if (!d->pid) spawn_close(&d->output_fd);
  else if (d->steps == STEPS) leave_alone(pool, d);
  else {
    signal_group(d->pid, steps[d->steps].signal);
    d->end = now + steps[d->steps++].ms;
  }
}

int spawn_deadline_steps(struct spawn_deliveries *all, struct agent_pool *pool, int64_t now)
{
  int64_t next = INT64_MAX;
  for (size_t i = 0; i < all->count; i++) {
    struct spawn_delivery *d = all->running[i];
    if (d->end <= now) next_step(pool, d, now);
    if (d->end < next) next = d->end;
  }
  if (next == INT64_MAX) return -1;
  return next <= now ? 0 : next - now > INT_MAX ? INT_MAX : (int)(next - now);
}
