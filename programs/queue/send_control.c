#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "delivery_wire.h"
#include "log_text.h"
#include "queue_message.h"
#include "queue_path.h"
#include "send.h"
#include "send_clean.h"
#include "send_control.h"
#include "send_delivery.h"
#include "send_destination.h"
#include "send_finish.h"
#include "send_intake.h"
#include "send_jobs.h"
#include "send_log.h"
#include "service.h"
#include "text.h"
#include "verb_wire.h"

enum {
  PATIENCE = 60,              /* seconds for a whole request */
  PATIENCE_CLAIM = 600,       /* between a claim and what follows: the asker queues a copy of the message */
  ENVELOPE_KEPT = 65536       /* bytes of memory kept for the next envelope */
};

enum stage {
  LISTENING,                  /* for a request; with a claim perhaps */
  SETTLING,                   /* older requests about the message are at qmail-clean */
  WORKING                     /* ours are */
};

static struct connection {
  int fd;                     /* 0, where the log is: none */
  uid_t uid;
  enum stage stage;
  uint64_t deadline;          /* of LISTENING */
  uint64_t id;                /* of the message it has claimed, 0 for none */
  bool failed;
  struct verb_request request;
  struct verb_answer answer;
  size_t len;
  char in[VERB_REQUEST_MAX];
} connections[CONNECTIONS];

/* Only root and qmails come into its directory. */
static struct service const door = {
  .path = QUEUE_CONTROL_SOCKET, .mode = 0700, .owner = -1, .group = -1, .waiting = 16
};
static int listener = -1;

/* ---- claims ---- */

static unsigned char number_of(struct connection const *c)
{
  return (unsigned char)(c - connections + 1);
}

/* The message may have ended since, and its number be another's. */
static struct message *claimed(struct connection const *c)
{
  struct message *m = c->id ? message_find(c->id) : 0;
  return m && m->claim == number_of(c) ? m : 0;
}

static void claim(struct connection *c, struct message *m)
{
  m->claim = number_of(c);
  c->id = m->id;
}

static void claim_end(struct connection *c)
{
  struct message *m = claimed(c);
  c->id = 0;
  if (m) unclaim(m);
}

/* ---- connections ---- */

static void hang_up(struct connection *c)
{
  claim_end(c);
  close(c->fd);
  c->fd = 0;
}

static void listen_again(struct connection *c)
{
  c->stage = LISTENING;
  c->deadline = now + (c->id ? PATIENCE_CLAIM : PATIENCE);
}

static void answer(struct connection *c, enum verb_result result)
{
  char text[VERB_ANSWER_MAX];
  c->answer.result = result;
  size_t len = verb_answer_pack(text, &c->answer);
  if (c->request.verb != VERB_CLAIM || result != VERB_DONE) claim_end(c);
  if (service_say(c->fd, text, len)) listen_again(c);
  else hang_up(c);
}

/* ---- the log ---- */

static char const *const done_words[VERBS] = {
  [VERB_HOLD] = "held", [VERB_RELEASE] = "released", [VERB_REQUEUE] = "requeued", [VERB_DELETE] = "deleted",
  [VERB_BOUNCE] = "bounced", [VERB_REDIRECT] = "redirected"
};

static void log_whole(struct connection const *c)
{
  log_line("queue: msg %llu %s by uid %lu", (unsigned long long)c->request.id, done_words[c->request.verb],
           (unsigned long)c->uid);
}

static void add(stralloc *to, char const *words, char const *s)
{
  text_add(to, words);
  while (!log_text(to, s, strlen(s), WIRE_REPORT_MAX)) memory_gone();
}

static void log_recipients(struct connection const *c)
{
  static stralloc text = STRALLOC_ZERO;
  char qp[32];
  struct verb_request const *r = &c->request;
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
           done_words[r->verb], (unsigned long)c->uid, (unsigned long long)c->answer.recipients,
           (unsigned long long)c->answer.under_way, text.s);
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

static bool remove_one(struct removal *r, struct queue_record const *record)
{
  char const *text = r->request->text;
  switch (r->request->verb) {
    case VERB_CLAIM: return true;
    case VERB_BOUNCE:
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
    else if (remove_one(r, &record)) r->chosen++;
    else r->failed = true;
  }
  failures_sync();
}

/* Marks are synced before the message may end, so that no power cut brings back what was deleted. With nobody left the
   next start is to end it at once, held or not. */
static void removed(struct connection *c, struct message *m, struct removal const *r)
{
  m->undone = (uint32_t)(r->todo - r->chosen);
  c->failed = r->failed;
  log_recipients(c);
  if (r->chosen && !m->undone) {
    if (m->on_hold) ask_hold(m, false);
    ask_due(m, CHANNEL_LOCAL, now);
  }
  if (r->chosen) {
    c->stage = WORKING;
    ask_sync(m);
  }
  if (!m->undone && !message_busy(m)) finish(m);
  if (!r->chosen) answer(c, c->failed ? VERB_FAILED : VERB_DONE);
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
static void remove_recipients(struct connection *c, struct message *m)
{
  static stralloc envelope = STRALLOC_ZERO;
  struct removal r = { .message = m, .request = &c->request };
  if (read_envelope(m, &envelope) != QUEUE_READ) {
    answer(c, VERB_FAILED);
    return;
  }
  r.under_way_count = deliveries_of(m, &r.under_way);
  remove_chosen(&r, &envelope);
  if (envelope.a > ENVELOPE_KEPT) stralloc_free(&envelope);
  c->answer.recipients = r.chosen;
  c->answer.under_way = r.busy;
  if (c->request.verb == VERB_CLAIM) answer(c, VERB_DONE);
  else removed(c, m, &r);
}

/* ---- the verbs ---- */

static void verb_hold(struct connection *c, struct message *m)
{
  set_hold(m, true);
  jobs_stop(m);
  ask_hold(m, true);
  ask_sync(m);
  c->stage = WORKING;
}

static void verb_release(struct connection *c, struct message *m)
{
  ask_hold(m, false);
  ask_sync(m);
  c->stage = WORKING;
}

/* A pass under way is a try already. */
static void verb_requeue(struct connection *c, struct message *m)
{
  bool remote = scheduled(m, CHANNEL_REMOTE);
  for (int i = 0; i < CHANNELS; i++)
    if (scheduled(m, (enum channel)i)) schedule(m, (enum channel)i, now);
  struct destination *d = m->toward[CHANNEL_REMOTE] ? destination_find(m->toward[CHANNEL_REMOTE]) : 0;
  if (remote && d) destination_wake(d);
  else if (remote) destinations_wake_all();
  jobs_wake();
  log_whole(c);
  answer(c, VERB_DONE);
}

static void verb_recipients(struct connection *c, struct message *m)
{
  jobs_stop(m);
  c->stage = SETTLING;
}

static uint64_t seconds_until(struct message const *m, enum channel c)
{
  struct destination const *d = m->in[c] && m->toward[c] ? destination_find(m->toward[c]) : 0;
  uint64_t due = m->due[c] > now ? m->due[c] - now : 0, rest = d ? destination_rests(d) : 0;
  return due > rest ? due : rest;
}

static void verb_look(struct connection *c, struct message *m)
{
  size_t const *unused;
  uint64_t least = UINT64_MAX;
  c->answer.under_way = deliveries_of(m, &unused);
  for (int i = 0; i < CHANNELS; i++)
    if (m->place[i] && seconds_until(m, (enum channel)i) < least) least = seconds_until(m, (enum channel)i);
  c->answer.recipients = least == UINT64_MAX ? 0 : least;
  answer(c, VERB_DONE);
}

static struct { void (*begin)(struct connection *, struct message *); bool when_held; } const verbs[VERBS] = {
  [VERB_HOLD]     = { verb_hold,       true  },
  [VERB_RELEASE]  = { verb_release,    true  },
  [VERB_REQUEUE]  = { verb_requeue,    false },
  [VERB_DELETE]   = { verb_recipients, true  },
  [VERB_BOUNCE]   = { verb_recipients, true  },
  [VERB_CLAIM]    = { verb_recipients, true  },
  [VERB_REDIRECT] = { verb_recipients, true  },
  [VERB_LOOK]     = { verb_look,       true  }
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
static enum verb_result find(struct connection const *c, struct message **m)
{
  struct verb_request const *r = &c->request;
  enum verb_result why = look(r);
  if (why != VERB_DONE) return why;
  *m = message_wanted(r->id);
  if (!*m || (*m)->fingerprint != r->fingerprint) return VERB_FAILED;
  if ((*m)->state != WAITING) return VERB_GONE;
  if ((*m)->claim && (*m)->claim != number_of(c)) return VERB_BUSY;
  return (*m)->on_hold && !verbs[r->verb].when_held ? VERB_HELD : VERB_DONE;
}

static void begin(struct connection *c)
{
  struct message *m;
  if (c->id != c->request.id) claim_end(c);
  c->answer.recipients = c->answer.under_way = 0;
  c->failed = false;
  enum verb_result why = find(c, &m);
  if (why != VERB_DONE) {
    answer(c, why);
    return;
  }
  claim(c, m);
  verbs[c->request.verb].begin(c, m);
}

/* False when more of it is to come. What is no request, or more than one, ends the connection, which is all it costs. */
static bool take_request(struct connection *c)
{
  long n = verb_request_unpack(&c->request, c->in, c->len);
  bool wrong = n < 0 || (n > 0 && (size_t)n < c->len);
  if (wrong) hang_up(c);
  if (wrong || !n) return wrong;
  /* Its texts lie in the buffer until the answer; nothing is read before. */
  c->len = 0;
  begin(c);
  return true;
}

/* The message may have ended before its turn came. */
static bool go_on(struct connection *c)
{
  struct message *m = claimed(c);
  if (m && m->state == WAITING && m->pending) return false;
  if (m && m->state == WAITING) remove_recipients(c, m);
  else answer(c, VERB_GONE);
  return true;
}

bool control_run(void)
{
  bool any = false;
  for (struct connection *c = connections; c < connections + CONNECTIONS; c++) {
    if (!c->fd) continue;
    if (c->stage == LISTENING && now >= c->deadline) hang_up(c);
    else if (c->stage == LISTENING && c->len) any |= take_request(c);
    else if (c->stage == SETTLING) any |= go_on(c);
  }
  return any;
}

/* ---- the answers of qmail-clean ---- */

void control_answered(struct message *m, enum clean_deed deed, bool ok)
{
  if (!m->claim) return;
  struct connection *c = connections + m->claim - 1;
  if (c->stage != WORKING) return;
  if (!ok) c->failed = true;
  if (deed != CLEAN_SYNC) return;
  if (c->failed) log_line("warning: trouble changing msg %llu for qmail-qctl", (unsigned long long)m->id);
  else if (c->request.verb == VERB_RELEASE) set_hold(m, false);
  if (!c->failed && (c->request.verb == VERB_HOLD || c->request.verb == VERB_RELEASE)) log_whole(c);
  answer(c, c->failed ? VERB_FAILED : VERB_DONE);
}

/* ---- the socket ---- */

void control_begin(void)
{
  listener = service_listen(&door, SOCK_NONBLOCK);
  if (listener == -1)
    log_line("warning: unable to listen on %s: %s; qmail-qctl will not work", QUEUE_CONTROL_SOCKET, strerror(errno));
}

static void control_end(void)
{
  if (listener == -1) return;
  service_end(&door, listener);
  listener = -1;
  for (struct connection *c = connections; c < connections + CONNECTIONS; c++)
    if (c->fd) hang_up(c);
}

static struct connection *free_connection(void)
{
  for (struct connection *c = connections; c < connections + CONNECTIONS; c++)
    if (!c->fd) return c;
  return 0;
}

static void wait_for(iopause_fd *x, int fd, bool wanted)
{
  *x = (iopause_fd){ .fd = wanted ? fd : -1, .events = IOPAUSE_READ };
}

void control_wait_for(iopause_fd x[CONTROL_PLACES])
{
  if (stopping) control_end();
  wait_for(x, listener, free_connection() != 0);
  for (int i = 0; i < CONNECTIONS; i++)
    wait_for(x + 1 + i, connections[i].fd, connections[i].fd && connections[i].stage == LISTENING);
}

static void accept_one(void)
{
  uid_t uid;
  struct connection *c = free_connection();
  int fd = accept4(listener, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd == -1) return;
  if (!service_peer(fd, &uid) || (uid != 0 && uid != geteuid())) {
    close(fd);
    return;
  }
  c->fd = fd;
  c->uid = uid;
  c->id = c->len = 0;
  listen_again(c);
}

void control_receive(iopause_fd const x[CONTROL_PLACES])
{
  for (int i = 0; i < CONNECTIONS; i++) {
    struct connection *c = connections + i;
    bool ready = x[1 + i].fd != -1 && x[1 + i].revents && c->fd == x[1 + i].fd;
    if (ready && !service_take(c->fd, c->in, sizeof c->in, &c->len)) hang_up(c);
  }
  if (x[0].fd != -1 && x[0].revents) accept_one();
}

uint64_t control_next(void)
{
  uint64_t next = UINT64_MAX;
  for (struct connection const *c = connections; c < connections + CONNECTIONS; c++)
    if (c->fd && c->stage == LISTENING && c->deadline < next) next = c->deadline;
  return next;
}
