#include <stdio.h>
#include <string.h>

#include "delivery_wire.h"
#include "envelope_words.h"
#include "log_text.h"
#include "queue_message.h"
#include "queue_path.h"
#include "send.h"
#include "send_asker.h"
#include "send_clean.h"
#include "send_control.h"
#include "send_delivery.h"
#include "send_destination.h"
#include "send_finish.h"
#include "send_intake.h"
#include "send_jobs.h"
#include "send_log.h"
#include "send_reload.h"
#include "text.h"
#include "verb_wire.h"

enum {
  PATIENCE = 60,              /* seconds between an answer and the next request */
  PATIENCE_CLAIM = 600,       /* between a claim and what follows: the asker queues a copy of the message */
  ENVELOPE_KEPT = 65536       /* bytes of memory kept for the next envelope */
};

enum stage {
  IDLE,
  SETTLING,                   /* older requests about the message are at qmail-clean */
  WORKING                     /* ours are */
};

/* What is being done for each of the askers, by his place among them. */
static struct task {
  enum stage stage;
  uint64_t id;                /* of the message that is claimed for him, 0 for none */
  bool failed;
  struct verb_answer answer;
} tasks[ASKERS];

static struct task *task_of(struct asker const *a)
{
  return tasks + (a - askers);
}

static struct asker *asker_of(struct task const *t)
{
  return askers + (t - tasks);
}

static struct verb_request const *request_of(struct task const *t)
{
  return &asker_of(t)->request;
}

/* ---- claims ---- */

static unsigned char number_of(struct task const *t)
{
  return (unsigned char)(t - tasks + 1);
}

/* The message may have ended since, and its number be another's. */
static struct message *claimed(struct task const *t)
{
  struct message *m = t->id ? message_find(t->id) : 0;
  return m && m->claim == number_of(t) ? m : 0;
}

static void claim(struct task *t, struct message *m)
{
  m->claim = number_of(t);
  t->id = m->id;
}

static void claim_end(struct task *t)
{
  struct message *m = claimed(t);
  t->id = 0;
  if (m) unclaim(m);
}

static void answer(struct task *t, enum verb_result result)
{
  t->answer.result = result;
  t->stage = IDLE;
  if (request_of(t)->verb != VERB_CLAIM || result != VERB_DONE) claim_end(t);
  asker_answer(asker_of(t), &t->answer, t->id ? PATIENCE_CLAIM : PATIENCE);
}

/* ---- the log ---- */

static char const *const done_words[VERBS] = {
  [VERB_HOLD] = "held", [VERB_RELEASE] = "released", [VERB_REQUEUE] = "requeued", [VERB_DELETE] = "deleted",
  [VERB_BOUNCE] = "bounced", [VERB_REDIRECT] = "redirected"
};

static void log_whole(struct task const *t)
{
  log_line("queue: msg %llu %s by uid %lu", (unsigned long long)request_of(t)->id, done_words[request_of(t)->verb],
           (unsigned long)asker_of(t)->uid);
}

static void add(stralloc *to, char const *words, char const *s)
{
  text_add(to, words);
  while (!log_text(to, s, strlen(s), WIRE_REPORT_MAX)) memory_gone();
}

static void log_recipients(struct task const *t)
{
  static stralloc text = STRALLOC_ZERO;
  char qp[32];
  struct verb_request const *r = request_of(t);
  text.len = 0;
  if (*r->choice.recipient) add(&text, ", recipient ", r->choice.recipient);
  if (*r->choice.domain) add(&text, ", domain ", r->choice.domain);
  snprintf(qp, sizeof qp, "%llu", (unsigned long long)r->qp);
  if (r->verb == VERB_REDIRECT) {
    add(&text, ", to ", r->text);
    add(&text, " qp ", qp);
  }
  text_end(&text);
  log_line("queue: msg %llu %s by uid %lu: recipients %llu, under way %llu%s", (unsigned long long)r->id,
           done_words[r->verb], (unsigned long)asker_of(t)->uid, (unsigned long long)t->answer.recipients,
           (unsigned long long)t->answer.under_way, text.s);
}

/* ---- recipients ---- */

/* What is to become of the chosen recipients of a message. */
struct removal {
  struct message *message;
  struct verb_request const *request;
  size_t const *under_way;          /* offsets, the least first */
  size_t under_way_count;
  uint64_t todo, chosen, busy;
  bool failed;                      /* some could not be */
};

/* Records come by rising offset. */
static bool is_under_way(struct removal *r, size_t offset)
{
  while (r->under_way_count && *r->under_way < offset) {
    r->under_way++;
    r->under_way_count--;
  }
  return r->under_way_count && *r->under_way == offset;
}

static bool remove_one(struct removal *r, stralloc const *envelope, struct queue_record const *record)
{
  static stralloc his = STRALLOC_ZERO;
  char const *text = r->request->text;
  switch (r->request->verb) {
    case VERB_CLAIM: return true;
    case VERB_BOUNCE:
      envelope_words_of(&his, envelope, record->offset);
      if (!envelope_words_want_failure(&his)) {
        ask_mark_done(r->message, record->offset);
        return true;
      }
      if (!failure_note(r->message, record->text, text, strlen(text))) return false;
      failure_mark(r->message, record->offset);
      return true;
    default:
      ask_mark_done(r->message, record->offset);
      return true;
  }
}

static void remove_chosen(struct removal *r, stralloc const *envelope)
{
  struct queue_record record;
  for (size_t at = 0; queue_envelope_next(envelope, &at, &record);) {
    if (record.letter != 'T') continue;
    r->todo++;
    if (!choice_takes(&r->request->choice, record.text, record.len)) continue;
    if (is_under_way(r, record.offset)) r->busy++;
    else if (remove_one(r, envelope, &record)) r->chosen++;
    else r->failed = true;
  }
  failures_sync();
}

/* Marks are synced before the message may end, so that no power cut brings back what was deleted. With nobody left the
   next start is to end it at once, held or not. */
static void removed(struct task *t, struct message *m, struct removal const *r)
{
  m->undone = (uint32_t)(r->todo - r->chosen);
  t->failed = r->failed;
  log_recipients(t);
  if (r->chosen && !m->undone) {
    if (m->on_hold) ask_hold(m, false);
    ask_due(m, CHANNEL_LOCAL, now);
  }
  if (r->chosen) {
    t->stage = WORKING;
    ask_sync(m);
  }
  if (!m->undone && !message_busy(m)) message_finish(m);
  if (!r->chosen) answer(t, t->failed ? VERB_FAILED : VERB_DONE);
}

static enum queue_read_result read_envelope(struct message const *m, stralloc *envelope)
{
  struct queue_message q;
  enum queue_read_result r = queue_message_open(&q, m->id, false);
  if (r != QUEUE_READ) return r;
  r = queue_message_envelope(&q, envelope);
  queue_message_close(&q);
  return r;
}

/* A damaged file is the matter of the next pass. */
static void remove_recipients(struct task *t, struct message *m)
{
  static stralloc envelope = STRALLOC_ZERO;
  struct removal r = { .message = m, .request = request_of(t) };
  if (read_envelope(m, &envelope) != QUEUE_READ) {
    answer(t, VERB_FAILED);
    return;
  }
  r.under_way_count = deliveries_of(m, &r.under_way);
  remove_chosen(&r, &envelope);
  if (envelope.a > ENVELOPE_KEPT) stralloc_free(&envelope);
  t->answer.recipients = r.chosen;
  t->answer.under_way = r.busy;
  if (request_of(t)->verb == VERB_CLAIM) answer(t, VERB_DONE);
  else removed(t, m, &r);
}

/* ---- the verbs ---- */

static void verb_hold(struct task *t, struct message *m)
{
  set_hold(m, true);
  jobs_stop(m);
  ask_hold(m, true);
  ask_sync(m);
  t->stage = WORKING;
}

static void verb_release(struct task *t, struct message *m)
{
  ask_hold(m, false);
  ask_sync(m);
  t->stage = WORKING;
}

/* A pass under way is a try already. */
static void verb_requeue(struct task *t, struct message *m)
{
  bool remote = scheduled(m, CHANNEL_REMOTE);
  for (int i = 0; i < CHANNELS; i++)
    if (scheduled(m, (enum channel)i)) schedule(m, (enum channel)i, now);
  struct destination *d = m->toward[CHANNEL_REMOTE] ? destination_find(m->toward[CHANNEL_REMOTE]) : 0;
  if (remote && d) destination_wake(d);
  else if (remote) destinations_wake_all();
  jobs_wake();
  log_whole(t);
  answer(t, VERB_DONE);
}

static void verb_recipients(struct task *t, struct message *m)
{
  jobs_stop(m);
  t->stage = SETTLING;
}

static struct destination const *waits_for(struct message const *m, enum channel c)
{
  return m->in[c] && m->toward[c] ? destination_find(m->toward[c]) : 0;
}

static uint64_t greater(uint64_t a, uint64_t b)
{
  return a > b ? a : b;
}

static uint64_t seconds_until(struct message const *m, enum channel c)
{
  struct destination const *d = waits_for(m, c);
  uint64_t due = m->due[c] > now ? m->due[c] - now : 0;
  return d ? greater(due, greater(destination_rests(d), destination_is_paced(d))) : due;
}

/* The domain as it is written in control/destinationrate, if that is what the message waits for. */
static void tell_rate(struct task *t, struct message const *m)
{
  struct destination const *d = m->place[CHANNEL_REMOTE] ? waits_for(m, CHANNEL_REMOTE) : 0;
  char const *name = d ? destination_domain_name(m->toward[CHANNEL_REMOTE]) : 0;
  bool told = name && destination_is_paced(d) > destination_rests(d) && t->answer.recipients == destination_is_paced(d);
  snprintf(t->answer.rate, sizeof t->answer.rate, "%s", told ? name : "");
}

static void verb_tell_wait(struct task *t, struct message *m)
{
  size_t const *unused;
  uint64_t least = UINT64_MAX;
  t->answer.under_way = deliveries_of(m, &unused);
  for (int i = 0; i < CHANNELS; i++)
    if (m->place[i] && seconds_until(m, (enum channel)i) < least) least = seconds_until(m, (enum channel)i);
  t->answer.recipients = least == UINT64_MAX ? 0 : least;
  tell_rate(t, m);
  answer(t, VERB_DONE);
}

static struct { void (*begin)(struct task *, struct message *); bool when_held; } const verbs[VERBS] = {
  [VERB_HOLD]     = { verb_hold,       true  },
  [VERB_RELEASE]  = { verb_release,    true  },
  [VERB_REQUEUE]  = { verb_requeue,    false },
  [VERB_DELETE]   = { verb_recipients, true  },
  [VERB_BOUNCE]   = { verb_recipients, true  },
  [VERB_CLAIM]    = { verb_recipients, true  },
  [VERB_REDIRECT] = { verb_recipients, true  },
  [VERB_LOOK]     = { verb_tell_wait,  true  }
};

/* ---- a request ---- */

/* VERB_DONE when the file is the one that is meant. */
static enum verb_result look(struct verb_request const *r)
{
  struct queue_message q;
  enum queue_read_result got = queue_message_open(&q, r->id, false);
  if (got != QUEUE_READ) return got == QUEUE_ABSENT ? VERB_GONE : VERB_FAILED;
  queue_message_close(&q);
  return q.fingerprint == r->fingerprint ? VERB_DONE : VERB_GONE;
}

/* Why not, or VERB_DONE with the message. */
static enum verb_result find(struct task const *t, struct message **m)
{
  struct verb_request const *r = request_of(t);
  enum verb_result why = look(r);
  if (why != VERB_DONE) return why;
  *m = message_wanted(r->id);
  if (!*m || (*m)->fingerprint != r->fingerprint) return VERB_FAILED;
  if ((*m)->state != WAITING) return VERB_GONE;
  if ((*m)->claim && (*m)->claim != number_of(t)) return VERB_BUSY;
  return (*m)->on_hold && !verbs[r->verb].when_held ? VERB_HELD : VERB_DONE;
}

void control_request(struct asker const *a)
{
  struct task *t = task_of(a);
  struct message *m;
  if (t->id != request_of(t)->id) claim_end(t);
  t->answer = (struct verb_answer){ .recipients = 0 };
  t->failed = false;
  if (request_of(t)->verb == VERB_RELOAD) {
    answer(t, controls_reload() ? VERB_DONE : VERB_FAILED);
    return;
  }
  enum verb_result why = find(t, &m);
  if (why != VERB_DONE) {
    answer(t, why);
    return;
  }
  claim(t, m);
  verbs[request_of(t)->verb].begin(t, m);
}

void control_gone(struct asker const *a)
{
  struct task *t = task_of(a);
  t->stage = IDLE;
  claim_end(t);
}

/* The message may have ended before its turn came. */
static bool go_on(struct task *t)
{
  struct message *m = claimed(t);
  if (m && m->state == WAITING && m->pending) return false;
  if (m && m->state == WAITING) remove_recipients(t, m);
  else answer(t, VERB_GONE);
  return true;
}

bool control_run(void)
{
  bool any = false;
  for (struct task *t = tasks; t < tasks + ASKERS; t++)
    if (t->stage == SETTLING) any |= go_on(t);
  return any;
}

/* ---- the answers of qmail-clean ---- */

void control_answered(struct message *m, enum clean_deed deed, bool ok)
{
  if (!m->claim) return;
  struct task *t = tasks + m->claim - 1;
  if (t->stage != WORKING) return;
  if (!ok) t->failed = true;
  if (deed != CLEAN_SYNC) return;
  if (t->failed) log_line("warning: trouble changing msg %llu for qmail-qctl", (unsigned long long)m->id);
  else if (request_of(t)->verb == VERB_RELEASE) set_hold(m, false);
  if (!t->failed && (request_of(t)->verb == VERB_HOLD || request_of(t)->verb == VERB_RELEASE)) log_whole(t);
  answer(t, t->failed ? VERB_FAILED : VERB_DONE);
}
