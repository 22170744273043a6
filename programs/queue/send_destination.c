#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "address.h"
#include "send.h"
#include "send_delivery.h"
#include "send_destination.h"
#include "send_log.h"
#include "send_schedule.h"

enum {
  FIRST_LIMIT = 5,            /* commands at a time to a destination we know nothing of */
  REST_FIRST = 60,            /* seconds */
  REST_LAST = 3600,
  RESTS = 7,                  /* lengths of a rest: 60, 120, 240, 480, 960, 1920, 3600 */
  SUSPECTS_PART = 4,          /* destinations that were not reached get one of so many places together */
  DESTINATIONS_MAX = 10000,   /* remembered; only those that are at work, awaited or at rest may be more */
  ROWS = 16384
};

/* Where a destination stands. One that is at work or full, and awaited by nobody, stands nowhere. */
enum place { NOWHERE, IDLE, READY_NEW, READY_OLD, READY_SUSPECT, AT_REST, PLACES = AT_REST + RESTS };

struct destination {
  uint64_t key;
  struct destination *row;              /* the next in its row of the table */
  struct destination *next, *previous;  /* in its place */
  enum place place;
  unsigned running, limit;
  bool reached;                         /* since it was not */
  bool served_new;                      /* of waiting messages it is the turn of an old one */
  unsigned rests;                       /* since it was reached: a suspect */
  uint64_t rest_end;
  struct heap waiting[NEWNESSES];
};

static struct destination *rows[ROWS];
static size_t count;
static unsigned suspects_running;
static struct { struct destination *first, *last; } places[PLACES];

/* ---- keys ---- */

char const *destination_domain(char const *address, size_t address_len, size_t *len)
{
  size_t at = address_at(address, address_len);
  if (at < address_len) at++;
  else at = 0;
  *len = address_len - at;
  return address + at;
}

/* Unknown to those who choose names. Without randomness it is merely a hash. */
static uint64_t secret(void)
{
  static uint64_t s;
  while (!s)
    if (getrandom(&s, sizeof s, GRND_NONBLOCK) != (ssize_t)sizeof s) s = UINT64_C(0xcbf29ce484222325);
  return s;
}

uint64_t destination_key(char const *address, size_t len)
{
  size_t domain_len;
  char const *domain = destination_domain(address, len, &domain_len);
  uint64_t h = secret();
  for (size_t i = 0; i < domain_len; i++) {
    unsigned char c = (unsigned char)domain[i];
    if (c >= 'A' && c <= 'Z') c += 32;
    h = (h ^ c) * UINT64_C(0x100000001b3);
    h ^= h >> 29;
  }
  return h ? h : 1;
}

/* ---- places ---- */

static void leave(struct destination *d)
{
  if (d->place == NOWHERE) return;
  if (d->previous) d->previous->next = d->next;
  else places[d->place].first = d->next;
  if (d->next) d->next->previous = d->previous;
  else places[d->place].last = d->previous;
  d->place = NOWHERE;
}

static void stand(struct destination *d, enum place p)
{
  d->place = p;
  if (p == NOWHERE) return;
  d->next = 0;
  d->previous = places[p].last;
  if (d->previous) d->previous->next = d;
  else places[p].first = d;
  places[p].last = d;
}

static struct message *waiting_first(struct destination const *d)
{
  bool old = d->waiting[OLD].count && (d->served_new || !d->waiting[NEW].count);
  return heap_first(&d->waiting[old ? OLD : NEW]);
}

/* Heaps are in the order of birth: when the first is not on its last pass, none is. */
static bool last_pass_waits(struct destination const *d)
{
  for (int n = 0; n < NEWNESSES; n++) {
    struct message const *m = heap_first(&d->waiting[n]);
    if (m && schedule_last(m->birth, now, settings.queuelifetime)) return true;
  }
  return false;
}

static unsigned limit(struct destination const *d)
{
  return settings.concurrencydestination && d->limit > settings.concurrencydestination
       ? (unsigned)settings.concurrencydestination : d->limit;
}

static bool at_rest(struct destination const *d)
{
  return d->rest_end > now;
}

static unsigned rest_length(unsigned rests)
{
  return rests < RESTS ? (unsigned)REST_FIRST << (rests - 1) : REST_LAST;
}

static enum place place_of(struct destination const *d)
{
  bool awaited = d->waiting[NEW].count || d->waiting[OLD].count;
  bool room = d->running < limit(d);
  if (at_rest(d) && !(room && last_pass_waits(d))) return AT_REST + (d->rests < RESTS ? d->rests : RESTS) - 1;
  if (!awaited) return d->running ? NOWHERE : IDLE;
  if (!room) return NOWHERE;
  return d->rests ? READY_SUSPECT : d->waiting[NEW].count ? READY_NEW : READY_OLD;
}

static void heaps_free(struct destination *d)
{
  for (int n = 0; n < NEWNESSES; n++) {
    free(d->waiting[n].at);
    d->waiting[n] = (struct heap){ .key = CHANNEL_REMOTE };
  }
}

/* In the order of arrival, which in each place of rest is also the order of waking up: there one must not move. */
static void settle(struct destination *d)
{
  enum place p = place_of(d);
  if (p == d->place && p >= AT_REST) return;
  if (p == IDLE) heaps_free(d);
  leave(d);
  stand(d, p);
}

/* ---- the table ---- */

static struct destination **row_of(uint64_t key)
{
  return rows + (key ^ key >> 32) % ROWS;
}

static void forget(struct destination *d)
{
  struct destination **link = row_of(d->key);
  while (*link != d) link = &(*link)->row;
  *link = d->row;
  leave(d);
  heaps_free(d);
  free(d);
  count--;
}

struct destination *destination_get(uint64_t key)
{
  struct destination **row = row_of(key), *d;
  for (d = *row; d; d = d->row)
    if (d->key == key) return d;
  if (count >= DESTINATIONS_MAX && places[IDLE].first) forget(places[IDLE].first);
  while (!(d = calloc(1, sizeof *d))) wait_for_memory();
  d->key = key;
  d->limit = FIRST_LIMIT;
  d->row = *row;
  *row = d;
  count++;
  settle(d);
  return d;
}

/* ---- room ---- */

static bool suspects_room(void)
{
  unsigned part = delivery_concurrency(CHANNEL_REMOTE) / SUSPECTS_PART;
  return suspects_running < (part ? part : 1);
}

enum destination_room destination_room(struct destination const *d, bool last)
{
  if (at_rest(d) && !last) return RESTING;
  return d->running < limit(d) && (!d->rests || suspects_room()) ? ROOM : NO_ROOM;
}

/* ---- waiting ---- */

/* All that wait are due: the heap goes by birth. */
void destination_wait(struct destination *d, struct message *m)
{
  enum newness n = m->first[CHANNEL_REMOTE] ? NEW : OLD;
  schedule_in(m, CHANNEL_REMOTE, 0, &d->waiting[n]);
  if (d->place != place_of(d)) settle(d);
}

bool destination_awaited(struct destination const *d, enum newness n)
{
  return d->waiting[n].count > 0;
}

/* Suspects take turns with old mail. */
static struct destination *ready_first(enum newness n)
{
  static bool suspects_turn;
  if (n == NEW) return places[READY_NEW].first;
  suspects_turn = !suspects_turn;
  struct destination *suspect = suspects_room() ? places[READY_SUSPECT].first : 0;
  struct destination *d = places[READY_OLD].first;
  return suspect && (suspects_turn || !d) ? suspect : d;
}

/* What waited may have left by itself. */
struct message *destination_next(enum newness n)
{
  struct destination *d;
  while ((d = ready_first(n))) {
    struct message *m = waiting_first(d);
    if (m) {
      d->served_new = m->first[CHANNEL_REMOTE];
      unschedule(m, CHANNEL_REMOTE);
    }
    settle(d);
    if (m) return m;
  }
  return 0;
}

/* ---- commands ---- */

void destination_started(struct destination *d)
{
  d->running++;
  if (d->rests) suspects_running++;
  settle(d);
}

static void was_reached(struct destination *d)
{
  d->reached = true;
  d->rest_end = 0;
  if (d->rests) suspects_running -= d->running;
  d->rests = 0;
  if (!settings.concurrencydestination || d->limit < settings.concurrencydestination) d->limit++;
}

/* Those that were on their way when the rest began say nothing new. */
static bool was_not_reached(struct destination *d)
{
  if (at_rest(d)) return false;
  d->limit = limit(d) > 1 ? limit(d) / 2 : 1;
  if (d->reached) {
    d->reached = false;
    return false;
  }
  if (!d->rests++) suspects_running += d->running;
  d->limit = 1;
  d->rest_end = now + rest_length(d->rests);
  return true;
}

bool destination_ended(struct destination *d, enum destination_outcome outcome, unsigned *rest)
{
  bool rests = false;
  d->running--;
  if (d->rests) suspects_running--;
  if (outcome == REACHED) was_reached(d);
  if (outcome == UNREACHED && (rests = was_not_reached(d))) *rest = rest_length(d->rests);
  settle(d);
  return rests;
}

/* ---- waking up ---- */

bool destinations_wake(void)
{
  bool any = false;
  for (int p = AT_REST; p < PLACES; p++) {
    struct destination *d;
    while ((d = places[p].first) && !at_rest(d)) {
      settle(d);
      any = true;
    }
  }
  return any;
}

void destination_wake(struct destination *d)
{
  if (!at_rest(d)) return;
  d->rest_end = 0;
  settle(d);
}

void destinations_wake_all(void)
{
  for (size_t i = 0; i < ROWS; i++)
    for (struct destination *d = rows[i]; d; d = d->row) destination_wake(d);
}

uint64_t destinations_next(void)
{
  uint64_t next = UINT64_MAX;
  if (places[READY_NEW].first || places[READY_OLD].first || (places[READY_SUSPECT].first && suspects_room())) return now;
  for (int p = AT_REST; p < PLACES; p++)
    if (places[p].first && places[p].first->rest_end < next) next = places[p].first->rest_end;
  return next;
}
