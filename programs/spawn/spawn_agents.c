#include <unistd.h>

#include "mark.h"
#include "monotonic.h"
#include "spawn_agents.h"

enum { WORDS_MAX = 4 };                   /* of an agent in its life before its first answer is heard */

void spawn_agents_look_around(struct spawn *s)
{
  struct spawn_role const *role = s->role;
  if (s->agents.looked) return;
  s->agents.looked = true;
  if (!spawn_watch_sees_change(&s->agents.watch, role->program(), role->watched, &s->agents.program)) return;
  s->agents.generation++;
  s->agents.program_ours = s->agents.program.st_ino && mark_found(role->program(), role->agent);
  agent_end_idle(&s->agents.pool);
  if (role->forget) role->forget();
}

struct agent *spawn_agents_invite(struct spawn *s, struct spawn_delivery *d, int *theirs)
{
  *theirs = -1;
  if (!s->agents.wanted || !s->agents.program_ours) return 0;
  return agent_add(&s->agents.pool, s->agents.generation, d, theirs);
}

/* There will be no answer from it, so its process's end is the answer. If it never came forward it was just a
   program, whose exit code counts, 0 too. If it had, 0 does not count: an agent that goes may leave a delivery
   undone. */
static void lose(struct spawn *s, struct agent *a)
{
  struct spawn_delivery *d = a->job;
  if (d && a->forward) d->unanswered = true;
  agent_end(&s->agents.pool, a);
}

/* Message and output that it has kept serve again at the next request. It says so only when nobody else ever had
   them: then nobody can write any more, and what is in the pipe now is all of this delivery's output. */
static void take_back(struct agent *a, struct spawn_delivery *d, size_t output_max, bool kept)
{
  if (a->message == -1) return;
  if (kept && d->output_fd != -1) {
    spawn_delivery_read(d, output_max);
    a->output = d->output_fd;
    d->output_fd = -1;
  }
  if (a->output != -1 && ftruncate(a->message, 0) == 0) return;
  spawn_close(&a->message);
  spawn_close(&a->output);
}

static void answered(struct spawn *s, struct agent *a, int wstat, bool kept)
{
  struct spawn_delivery *d = a->job;
  take_back(a, d, s->role->output_max, kept);
  spawn_delivery_ended(d, wstat);
  if (a->generation == s->agents.generation && a->key.len && !d->steps) agent_rest(&s->agents.pool, a, monotonic_ms());
  else agent_end(&s->agents.pool, a);
}

/* One that is not who it should be is lost, and its delivery with it. If the world has changed since it was started,
   what it found out (whose the address is) may be no longer true: it is used for this one, and forgotten. */
static void welcome(struct spawn *s, struct agent *a, uid_t uid)
{
  struct spawn_delivery *d = a->job;
  bool known = s->role->learn(&d->command, a->about.s, a->about.len, uid, &a->key);
  stralloc_free(&a->about);
  if (!known) lose(s, a);
  else if (a->generation != s->agents.generation && s->role->forget) s->role->forget();
}

/* One that says so twice, or whose deliveries are never light, is lost. */
static void works_light(struct spawn *s, struct agent *a)
{
  struct spawn_delivery *d = a->job;
  bool is_news = s->role->places_are_scarce && spawn_delivery_is_light(&s->deliveries, d);
  if (is_news) spawn_report(&s->reports, &d->command, 0, WIRE_LIGHT, "", 0);
  else lose(s, a);
}

void spawn_agents_hear(struct spawn *s, struct agent *a)
{
  struct agent_word word;
  switch (agent_hear(a, &word)) {
    case AGENT_SILENT: return;
    case AGENT_FORWARD: welcome(s, a, word.uid); return;
    case AGENT_WORKS_LIGHT: works_light(s, a); return;
    case AGENT_DONE: answered(s, a, word.wstat, word.kept); return;
    case AGENT_GONE: lose(s, a); return;
  }
}

static struct agent *agent_with(struct agent_pool const *pool, pid_t pid)
{
  for (size_t i = 0; i < pool->count; i++)
    if (pool->agents[i]->pid == pid) return pool->agents[i];
  return 0;
}

/* Its last words may still be unheard: that it came forward, and even its answer. */
void spawn_agents_died(struct spawn *s, pid_t pid)
{
  struct agent *a;
  for (int i = 0; i < WORDS_MAX && (a = agent_with(&s->agents.pool, pid)); i++) spawn_agents_hear(s, a);
  if ((a = agent_with(&s->agents.pool, pid))) lose(s, a);
}
