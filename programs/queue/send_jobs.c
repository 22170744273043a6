#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"
#include "envelope_words.h"
#include "notify.h"
#include "queue_message.h"
#include "queue_path.h"
#include "send.h"
#include "send_clean.h"
#include "send_defer.h"
#include "send_destination.h"
#include "send_finish.h"
#include "send_intake.h"
#include "send_jobs.h"
#include "send_log.h"
#include "send_schedule.h"
#include "send_text.h"
#include "send_timetable.h"
#include "text.h"

enum {
  WINDOW = 4096,              /* recipients of one message that are sorted at a time */
  BLOCKED_MAX = 100,          /* jobs that wait in memory for destinations */
  BLOCKED_PAUSE = 30,         /* seconds until a message is tried again for which that was too few */
  JOBS_OPEN = 100,            /* jobs of one channel and newness that have something to hand out */
  ENVELOPES_MAX = 64 << 20,   /* bytes of their envelopes together; one job is always allowed */
  TURNS = 200,                /* before other work gets its turn */
  SORTED_AT_ONCE = 100,       /* messages that go to wait for their destination in one of them */
  COMMAND_HEAD = 2048 + WIRE_DESTINATION_MAX + SENDING_IDENTITY_MAX + 2 * EXTRA_WORDS_MAX,   /* bytes that hold all of a command but its recipients */
  COMMAND_PER_RECIPIENT = 4   /* bytes beside the address and the extras */
};

/* Some recipients of a job. Those of a group have one destination. */
struct entry { uint64_t key, owner; char const *address; uint32_t offset; int32_t next; };
struct job_window {
  size_t room, count;
  size_t groups, group;       /* the group to hand out next */
  int32_t *heads;             /* of each group its first entry not yet handed out */
  struct entry entries[];
};

static struct ring { struct job *first; size_t count; } rings[CHANNELS][NEWNESSES], blocked;
static size_t envelopes;      /* bytes in memory */
static struct job *ended;

/* ---- rings ---- */

static struct ring *ring_of(struct job const *job)
{
  return job->blocked ? &blocked : &rings[job->channel][job->first ? NEW : OLD];
}

static void ring_add(struct job *job)
{
  struct ring *r = ring_of(job);
  if (!r->first) {
    job->next = job->previous = r->first = job;
  } else {
    job->next = r->first;
    job->previous = r->first->previous;
    job->previous->next = job->next->previous = job;
  }
  r->count++;
}

static void ring_remove(struct job *job)
{
  struct ring *r = ring_of(job);
  job->previous->next = job->next;
  job->next->previous = job->previous;
  if (r->first == job) r->first = job->next == job ? 0 : job->next;
  r->count--;
}

/* ---- windows ---- */

static struct job_window *window_new(size_t recipients)
{
  size_t room = recipients < WINDOW ? recipients : WINDOW;
  struct job_window *w = malloc(sizeof *w + room * (sizeof *w->entries + sizeof *w->heads));
  if (!w) return 0;
  w->room = room;
  w->heads = (int32_t *)(w->entries + room);
  return w;
}

/* Chains the entries with equal keys; groups stand in the order of their first recipient. */
static void window_group(struct job_window *w)
{
  static int32_t last[2 * WINDOW];
  size_t size = 2;
  while (size < 2 * w->count) size *= 2;
  memset(last, -1, size * sizeof *last);
  for (size_t i = 0; i < w->count; i++) {
    size_t at = w->entries[i].key & (size - 1);
    while (last[at] != -1 && w->entries[last[at]].key != w->entries[i].key) at = (at + 1) & (size - 1);
    if (last[at] == -1) w->heads[w->groups++] = (int32_t)i;
    else w->entries[last[at]].next = (int32_t)i;
    last[at] = (int32_t)i;
  }
}

/* The job's next recipients. False when there are none. */
static bool window_fill(struct job *job)
{
  struct job_window *w = job->window;
  struct recipient r;
  w->count = w->groups = w->group = 0;
  while (w->count < w->room && recipients_next(job->recipients, job->channel, &job->at, &r)) {
    uint64_t key = destination_key(job->channel, r.address, r.address_len);
    uint64_t owner = destination_owner(job->channel, r.address, r.address_len);
    w->entries[w->count++] = (struct entry){ key, owner, r.address, (uint32_t)r.offset, -1 };
  }
  window_group(w);
  return w->count > 0;
}

/* ---- the beginning of a pass ---- */

static bool has_delay_wish(stralloc const *envelope)
{
  struct queue_record r;
  for (size_t at = 0; queue_envelope_next(envelope, &at, &r);)
    if (r.letter == EXTRA_NOTIFY && notify_scan(r.text, r.len) & NOTIFY_DELAY) return true;
  return false;
}

/* Who sends from here is told when mail waits for hours; others where they wished it (RFC 3461 4.1). A list that has a
   sender for each recipient would take that for a failure. */
static void consider_delay(struct job *job)
{
  static stralloc address = STRALLOC_ZERO;
  struct message const *m = job->message;
  char const *sender = job->sender;
  size_t len = strlen(sender);
  bool early = !settings.queuewarning || now < m->birth + settings.queuewarning;
  if (early || job->last || m->told || !len || !strcmp(sender, "#@[]") || verp(sender, len)) return;
  job->sender_is_local = recipient_route(&address, sender, len) == CHANNEL_LOCAL;
  job->delay_matters = job->sender_is_local || has_delay_wish(&job->recipients->envelope);
}

static struct job *job_new(struct message *m, enum channel c, struct recipients *r)
{
  struct job *job = calloc(1, sizeof *job);
  if (!job) return 0;
  job->window = window_new(r->todo[c]);
  if (!job->window) {
    free(job);
    return 0;
  }
  job->message = m;
  job->channel = c;
  job->first = m->first[c];
  job->start = now;
  job->retry = timetable_counts(c) ? UINT64_MAX : schedule_next(m->birth, now, c);
  job->last = schedule_last(m->birth, now, settings.queuelifetime);
  job->recipients = recipients_share(r);
  job->sender = envelope_text(&r->envelope, 'F', "");
  job->single = c == CHANNEL_LOCAL || verp(job->sender, strlen(job->sender));
  consider_delay(job);
  envelopes += r->envelope.len;
  m->job[c] = job;
  return job;
}

/* Nothing, or a damaged file, where a pass was to begin. */
static void pass_impossible(struct message *m, enum channel c, char const *what)
{
  char path[QUEUE_PATH_MAX];
  queue_path_mess(path, m->id);
  log_line("warning: trouble %s %s; will try again later", what, path);
  schedule(m, c, now + RETRY_AFTER_TROUBLE);
}

/* Whether messages are due that nobody has looked at. */
static bool more_due(enum channel c)
{
  for (int i = 0; i < NEWNESSES; i++) {
    struct message const *m = heap_first(&ready[c][i]);
    if (m && m->due[c] <= now) return true;
  }
  return false;
}

/* A message whose only destination has no room, or whose turn there is not yet, waits for it. Of a crowd of local
   mail all do, so that the accounts take turns. */
static bool waits_for_room(struct message *m, enum channel c, bool its_turn)
{
  if (!m->toward[c]) return false;
  enum newness n = m->first[c] ? NEW : OLD;
  struct destination *d = destination_find(m->toward[c]);
  if (!d) return false;
  bool last = destination_last_pass(m, c);
  bool crowd = c == CHANNEL_LOCAL && (more_due(c) || destination_ready(c, n));
  bool behind = !its_turn && (crowd || destination_awaited(d, n));
  if (!behind && destination_room(d, n, last) == ROOM) return false;
  destination_wait(d, m);
  return true;
}

/* Its domain has turned out to have mailboxes since its recipients were looked at. */
static void toward_anew(struct message *m, struct recipients *r)
{
  if (!m->toward[CHANNEL_LOCAL] || destination_find(m->toward[CHANNEL_LOCAL])) return;
  recipients_meet(r, CHANNEL_LOCAL);
  m->toward[CHANNEL_LOCAL] = r->toward[CHANNEL_LOCAL];
}

static enum queue_read_result recipients_read(struct message *m, struct queue_message *q, struct recipients **r)
{
  if ((*r = recipients_kept(m))) {
    toward_anew(m, *r);
    return QUEUE_READ;
  }
  *r = recipients_new();
  enum queue_read_result got = message_envelope(m, q, &(*r)->envelope);
  if (got != QUEUE_READ) return got;
  recipients_route(*r);
  for (int c = 0; c < CHANNELS; c++)
    if ((*r)->todo[c]) m->toward[c] = (*r)->toward[c];
  return got;
}

/* What the pass has to do; null when the message is planned otherwise. No more was asked of the disk than for that. */
static struct recipients *read_work(struct message *m, enum channel c, bool its_turn)
{
  struct queue_message q;
  struct recipients *r = 0;
  enum message_opening opening = message_open(m, &q);
  if (opening == OPENING_DONE) {
    enum queue_read_result got = recipients_read(m, &q, &r);
    bool waits = got == QUEUE_READ && r->todo[c] && waits_for_room(m, c, its_turn);
    if (got == QUEUE_READ && !waits) opening = message_sure(m, &q);
    if (opening == OPENING_DONE) queue_message_close(&q);
    if (got == QUEUE_BROKEN && !message_busy(m)) message_damaged(m);
    else if (got != QUEUE_READ) pass_impossible(m, c, "reading");
    if (got == QUEUE_READ && !waits && opening == OPENING_DONE) return r;
    recipients_leave(r);
  }
  if (opening == OPENING_LATER) schedule(m, c, now + RETRY_AFTER_TROUBLE);
  return 0;
}

/* The other channel learns of recipients it does not know of: at a first pass, or when control files changed. */
static void tell_other(struct message *m, enum channel c)
{
  enum channel other = c == CHANNEL_LOCAL ? CHANNEL_REMOTE : CHANNEL_LOCAL;
  if (!scheduled(m, other) && !m->job[other]) schedule(m, other, now);
}

static struct job *pass_begin(struct message *m, enum channel c, struct recipients *r)
{
  uint32_t const *todo = r->todo;
  enum channel other = c == CHANNEL_LOCAL ? CHANNEL_REMOTE : CHANNEL_LOCAL;
  struct job *job = 0;
  if (todo[c] && !(job = job_new(m, c, r))) {
    pass_impossible(m, c, "reading");
    return 0;
  }
  if (!m->job[other]) m->undone = todo[CHANNEL_LOCAL] + todo[CHANNEL_REMOTE];
  if (todo[other]) tell_other(m, c);
  if (job) job->elsewhere = todo[other] > 0;
  else m->first[c] = false;
  if (!m->undone && !message_busy(m)) message_finish(m);
  return job;
}

/* Null when nothing is to hand out now. its_turn: of the messages that wait for its destination. */
static struct job *job_start(struct message *m, enum channel c, bool its_turn)
{
  unschedule(m, c);
  if (m->pending || m->claim) {
    m->held[c] = true;
    return 0;
  }
  if (waits_for_room(m, c, its_turn)) return 0;
  struct recipients *r = read_work(m, c, its_turn);
  if (!r) return 0;
  struct job *job = pass_begin(m, c, r);
  recipients_leave(r);
  if (!job) return 0;
  ring_add(job);
  window_fill(job);
  return job;
}

/* ---- handing out ---- */

static void all_out(struct job *job)
{
  ring_remove(job);
  job->all_out = true;
  envelopes -= job->recipients->envelope.len;
  recipients_leave(job->recipients);
  job->recipients = 0;
  free(job->window);
  job->window = 0;
  job->sender = 0;
  if (job->running) return;
  job->next = ended;
  ended = job;
}

static bool same_domain(stralloc const *a, stralloc const *b)
{
  size_t a_len, b_len;
  char const *a_domain = destination_domain(a->s, a->len, &a_len);
  char const *b_domain = destination_domain(b->s, b->len, &b_len);
  return a_len == b_len && !strncasecmp(a_domain, b_domain, a_len);
}

static size_t lesser(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* How many recipients control/destinationrecipients allows the address's domain in one command. */
static size_t recipients_allowed(stralloc const *address)
{
  struct nameset const *set = &settings.destinationrecipients;
  struct field value = { 0, 0 };
  size_t len, number = 0;
  char const *domain = destination_domain(address->s, address->len, &len);
  if (!nameset_find_domain(set, domain, len, &value)) nameset_find(set, "", 0, &value);
  for (size_t i = 0; i < value.len && number < WIRE_RECIPIENTS_MAX; i++) {
    char c = value.s[i];
    if (c < '0' || c > '9') break;
    number = 10 * number + (size_t)(c - '0');
  }
  return number ? lesser(number, WIRE_RECIPIENTS_MAX) : WIRE_RECIPIENTS_MAX;
}

/* How many recipients the job's next command may have. Where others wait too, it leaves them half of what is free. */
static size_t share(struct job const *job)
{
  enum channel c = job->channel;
  size_t room = job->single ? 1 : delivery_room(c);
  bool others = rings[c][NEW].count + rings[c][OLD].count > 1 || more_due(c);
  if (others) room = (room + 1) / 2;
  return lesser(room, WIRE_RECIPIENTS_MAX);
}

enum fill { FILLED, NOT_OURS, OTHER_DOMAIN };

static char const *recipient_of(struct job const *job, struct entry const *e)
{
  return job->recipients->envelope.s + e->offset + 1;
}

/* The tables may have changed since the window was filled. */
static enum channel entry_route(stralloc *address, struct job const *job, struct entry const *e)
{
  char const *recipient = recipient_of(job, e);
  if (!recipients_current(job->recipients)) return recipient_route(address, recipient, strlen(recipient));
  text_set(address, e->address);
  return job->channel;
}

/* Puts the recipient of the entry into a slot. */
static enum fill slot_fill(struct job *job, struct entry const *e, struct slot *const *slots, struct slot **slot)
{
  char const *recipient = recipient_of(job, e);
  *slot = delivery_slot(job->channel, job->message, e->offset, recipient, strlen(recipient));
  envelope_words_of(&(*slot)->extras, &job->recipients->envelope, e->offset);
  enum fill r = entry_route(&(*slot)->address, job, e) != job->channel ? NOT_OURS
              : slots[0] && !same_domain(&(*slot)->address, &slots[0]->address) ? OTHER_DOMAIN : FILLED;
  if (r != FILLED) delivery_give_back(job->channel, *slot);
  return r;
}

/* Takes slots for as many of the group as there is room for, among the deliveries and in a command; *at moves
   behind them. */
static size_t group_take(struct job *job, struct destination const *d, int32_t *at,
                         struct slot *slots[WIRE_RECIPIENTS_MAX])
{
  size_t count = 0, limit = share(job), bytes = COMMAND_HEAD;
  if (d) limit = lesser(limit, destination_most(d));
  slots[0] = 0;
  while (*at != -1 && count < limit && bytes < WIRE_COMMAND_MAX - COMMAND_HEAD) {
    struct entry const *e = job->window->entries + *at;
    struct slot *slot;
    enum fill r = slot_fill(job, e, slots, &slot);
    if (r == OTHER_DOMAIN) break;
    if (r == NOT_OURS) tell_other(job->message, job->channel);
    else {
      slots[count++] = slot;
      if (count == 1 && limit > 1) limit = lesser(limit, recipients_allowed(&slot->address));
      bytes += slot->address.len + slot->extras.len + COMMAND_PER_RECIPIENT;
    }
    *at = e->next;
  }
  return count;
}

/* The addresses were compared without their NUL; on the wire and in the log they have one. */
static void group_send(struct job *job, struct destination *d, struct slot *const *slots, size_t count)
{
  static stralloc sender = STRALLOC_ZERO, extras = STRALLOC_ZERO;
  for (size_t i = 0; i < count; i++) text_end(&slots[i]->address);
  verp_expand(&sender, job->sender, slots[0]->address.s);
  text_end(&sender);
  envelope_words(&extras, &job->recipients->envelope);
  text_z(&extras);
  job->running += (unsigned)count;
  delivery_start(job->channel, sender.s, &extras, d, slots, count);
}

static bool is_last(struct job const *job, char const *address, size_t len)
{
  size_t domain_len;
  char const *domain = destination_domain(address, len, &domain_len);
  if (!timetable_counts(job->channel)) return job->last;
  return schedule_last(job->message->birth, job->start, timetable_lifetime(job->channel, domain, domain_len));
}

bool job_is_last(struct job const *job, struct slot const *slot)
{
  return is_last(job, slot->address.s, slot->address.len - 1);
}

/* A recipient is to be tried again. The message has one time for all, so the first that is wanted counts. */
static void put_off(struct job *job, char const *address, size_t len)
{
  size_t domain_len;
  job->deferred++;
  if (!timetable_counts(job->channel)) return;
  char const *domain = destination_domain(address, len, &domain_len);
  uint64_t next = timetable_next(job->channel, domain, domain_len, job->message->birth, job->start);
  if (next < job->retry) job->retry = next;
}

/* The recipients of a group wait for the next pass. */
static void group_defer(struct job *job, int32_t at)
{
  static stralloc address = STRALLOC_ZERO;
  for (; at != -1; at = job->window->entries[at].next) {
    entry_route(&address, job, job->window->entries + at);
    put_off(job, address.s, address.len);
  }
}

static void groups_swap(struct job_window *w, size_t i)
{
  int32_t head = w->heads[i];
  w->heads[i] = w->heads[w->group];
  w->heads[w->group] = head;
}

static bool group_is_last(struct job const *job, size_t i)
{
  static stralloc address = STRALLOC_ZERO;
  if (!timetable_counts(job->channel)) return job->last;
  entry_route(&address, job, job->window->entries + job->window->heads[i]);
  return is_last(job, address.s, address.len);
}

static struct destination *group_destination(struct job const *job, size_t i)
{
  static stralloc address = STRALLOC_ZERO;
  struct entry const *e = job->window->entries + job->window->heads[i];
  struct destination *d = destination_find(e->key);
  if (d) return d;
  entry_route(&address, job, e);
  return destination_of(job->channel, address.s, address.len);
}

static bool may_block(void)
{
  return blocked.count < BLOCKED_MAX && envelopes <= ENVELOPES_MAX;
}

/* Brings a group whose destination has room to the front; null when there is none. Groups at destinations that rest
   are over for this pass. When the job cannot wait for the answer, a domain counts as a destination of its own. Of a
   virtual domain that is full one of its many mailboxes is looked at. */
static struct destination *group_choose(struct job *job)
{
  struct job_window *w = job->window;
  uint64_t full = 0;
  for (size_t i = w->group; i < w->groups; i++) {
    uint64_t owner = w->entries[w->heads[i]].owner;
    if (owner == full) continue;
    struct destination *d = group_destination(job, i);
    enum destination_room room = destination_room(d, job->first ? NEW : OLD, group_is_last(job, i));
    if (destination_is_full(d)) full = owner;
    if (room == NO_ROOM || (room == NOT_KNOWN && may_block())) continue;
    groups_swap(w, i);
    if (room != RESTING) return d;
    group_defer(job, w->heads[w->group++]);
  }
  return 0;
}

/* Out of the way until a destination has room; with too many such jobs, until the next pass, which is soon. */
static void job_block(struct job *job)
{
  struct job_window *w = job->window;
  if (may_block()) {
    ring_remove(job);
    job->blocked = true;
    ring_add(job);
    return;
  }
  while (w->group < w->groups) group_defer(job, w->heads[w->group++]);
  if (job->retry > now + BLOCKED_PAUSE) job->retry = now + BLOCKED_PAUSE;
}

static void hand_out(struct job *job)
{
  struct slot *slots[WIRE_RECIPIENTS_MAX];
  struct job_window *w = job->window;
  struct destination *d = group_choose(job);
  if (w->group < w->groups && !d) job_block(job);
  else if (w->group < w->groups) {
    int32_t *at = w->heads + w->group;
    size_t count = group_take(job, d, at, slots);
    if (*at == -1) w->group++;
    if (count) group_send(job, d, slots, count);
  }
  if (w->group == w->groups && !window_fill(job)) all_out(job);
}

/* What was not handed out is found by the next pass, which begins when the last report of this one is in. */
void jobs_stop(struct message *m)
{
  for (int c = 0; c < CHANNELS; c++) {
    struct job *job = m->job[c];
    if (!job || job->all_out) continue;
    job->retry = now;
    job->deferred++;
    all_out(job);
  }
}

void jobs_wake(void)
{
  struct job *job;
  while ((job = blocked.first)) {
    ring_remove(job);
    job->blocked = false;
    ring_add(job);
  }
}

/* ---- whose turn it is ---- */

static bool start_one(enum channel c, enum newness n)
{
  struct message *m = heap_first(&ready[c][n]);
  if (!m || m->due[c] > now || rings[c][n].count >= JOBS_OPEN) return false;
  if (envelopes > ENVELOPES_MAX && (rings[c][NEW].first || rings[c][OLD].first)) return false;
  struct job *job = job_start(m, c, false);
  if (job) hand_out(job);
  return true;
}

/* What has to wait for its destination takes no place, so the turn goes on to the next: behind a crowd for one account
   may be mail for another. */
static bool start_due(enum channel c, enum newness n)
{
  unsigned before = delivery_room(c);
  int i = 0;
  while (i < SORTED_AT_ONCE && delivery_room(c) == before && start_one(c, n)) i++;
  return i > 0;
}

/* New and old mail alternate, whatever other sources do in between. */
static bool start_waiting(enum channel c, enum newness n)
{
  static enum newness last[CHANNELS];
  if (n == last[c] && destination_ready(c, n == NEW ? OLD : NEW)) return false;
  struct message *m = destination_next(c, n);
  if (m) last[c] = n;
  struct job *job = m ? job_start(m, c, true) : 0;
  if (job) hand_out(job);
  return m != 0;
}

static bool go_on(enum channel c, enum newness n)
{
  struct job *job = rings[c][n].first;
  if (!job) return false;
  rings[c][n].first = job->next;
  hand_out(job);
  return true;
}

/* The sources of deliveries take turns, so that a long list, a flood of new mail and a backlog each get their
   share of the slots as they become free. */
static struct source { bool (*turn)(enum channel c, enum newness n); enum newness newness; } const sources[] = {
  { start_due,     NEW },
  { start_waiting, NEW },
  { go_on,         NEW },
  { start_due,     OLD },
  { start_waiting, OLD },
  { go_on,         OLD }
};
enum { SOURCES = sizeof sources / sizeof *sources };

static bool source_turn(enum channel c)
{
  static size_t turn[CHANNELS];
  for (size_t i = 0; i < SOURCES; i++) {
    struct source const *s = sources + turn[c];
    turn[c] = (turn[c] + 1) % SOURCES;
    if (s->turn(c, s->newness)) return true;
  }
  return false;
}

bool jobs_run(enum channel c)
{
  if (c == CHANNEL_REMOTE && destinations_wake()) jobs_wake();
  for (int i = 0; i < TURNS; i++)
    if (stopping || !delivery_room(c) || !source_turn(c)) return false;
  return true;
}

uint64_t jobs_next(enum channel c)
{
  if (stopping || !delivery_room(c)) return UINT64_MAX;
  if (rings[c][NEW].first || rings[c][OLD].first) return now;
  uint64_t next = destinations_next(c);
  for (int i = 0; i < NEWNESSES; i++) {
    struct message const *m = heap_first(&ready[c][i]);
    if (m && m->due[c] < next) next = m->due[c];
  }
  return next;
}

/* ---- reports and the end of a pass ---- */

/* A mark serves only the recipients that are still to do: when this was the last one, the message ends. */
static void recipient_done(struct message *m, size_t offset, void (*mark)(struct message *, size_t))
{
  if (m->undone) m->undone--;
  if (!m->undone) m->unmarked = (uint32_t)offset;
  else mark(m, offset);
}

/* Who has the message now tells of success itself, or nobody wishes to hear of it, or it is to be noted. */
static void succeeded(enum channel c, struct message *m, struct delivery_report const *r)
{
  struct slot const *slot = r->slot;
  enum status_action action = c == CHANNEL_REMOTE ? STATUS_RELAYED : r->outcome == WIRE_EXPANDED ? STATUS_EXPANDED : STATUS_DELIVERED;
  bool wanted = extra_notify(slot->extras.s, slot->extras.len) & NOTIFY_SUCCESS && r->outcome != WIRE_PASSED_ON;
  bool noted = wanted && success_note(m, slot->recipient.s, action, r->text, r->len);
  recipient_done(m, slot->offset, noted ? success_mark : ask_mark_done);
}

/* False when it could not be noted, which makes it a deferral. */
static bool failed(struct message *m, struct delivery_report const *r)
{
  struct slot const *slot = r->slot;
  bool wanted = envelope_words_want_failure(&slot->extras);
  if (wanted && !failure_note(m, slot->recipient.s, r->text, r->len)) return false;
  recipient_done(m, slot->offset, wanted ? failure_mark : ask_mark_done);
  return true;
}

void job_reported(enum channel c, struct delivery_report const *r)
{
  struct slot const *slot = r->slot;
  struct message *m = slot->message;
  struct job *job = m->job[c];
  if (r->letter == 'K') succeeded(c, m, r);
  else if (r->letter != 'D' || !failed(m, r)) {
    deferral_note(m, slot->offset, r->host, r->text, r->len);
    put_off(job, slot->address.s, slot->address.len - 1);
  }
  if (r->letter == WIRE_ENDED) job->retry = now;
  job->running--;
  if (job->running || !job->all_out) return;
  job->next = ended;
  ended = job;
}

/* A restart looks at a channel whose footer says 0; one without recipients says never. */
static void requeue(struct message *m, enum channel c, struct job const *job)
{
  enum channel other = c == CHANNEL_LOCAL ? CHANNEL_REMOTE : CHANNEL_LOCAL;
  bool other_idle = !scheduled(m, other) && !m->job[other];
  ask_due(m, c, job->retry);
  if (!job->elsewhere && other_idle && m->due[other] != SCHEDULE_NEVER) {
    m->due[other] = SCHEDULE_NEVER;
    ask_due(m, other, SCHEDULE_NEVER);
  }
  schedule(m, c, job->retry);
  if (job->delay_matters && !stopping && !deferrals_told(m)) delay_tell(m, job->sender_is_local);
}

static bool planned(struct message const *m)
{
  return message_busy(m) || scheduled(m, CHANNEL_LOCAL) || scheduled(m, CHANNEL_REMOTE);
}

static void job_end(struct job *job)
{
  struct message *m = job->message;
  enum channel c = job->channel;
  m->job[c] = 0;
  m->first[c] = false;
  if (job->retry == UINT64_MAX) job->retry = schedule_next(m->birth, job->start, c);
  if (!m->undone && !message_busy(m)) message_finish(m);
  else if (job->deferred) requeue(m, c, job);
  else if (!planned(m)) schedule(m, c, job->retry);
  free(job);
}

void jobs_end(void)
{
  failures_sync();
  while (ended) {
    struct job *job = ended;
    ended = job->next;
    job_end(job);
  }
}
