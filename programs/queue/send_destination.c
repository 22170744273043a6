#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "address.h"
#include "call_wire.h"
#include "delivery_wire.h"
#include "memory.h"
#include "send.h"
#include "send_destination.h"
#include "send_limits.h"
#include "send_pace.h"
#include "send_places.h"
#include "send_schedule.h"
#include "send_timetable.h"

enum {
  FIRST_LIMIT = 5,            /* commands at a time to a destination we know nothing of */
  REST_FIRST = 60,            /* seconds */
  REST_LAST = 3600,
  RESTS = 7,                  /* lengths of a rest: 60, 120, 240, 480, 960, 1920, 3600 */
  PARTS = 4,                  /* of the places: see send_destination.h */
  KNOWN_SECONDS = 3600,       /* what is said of a domain, or learnt of its servers, counts */
  DESTINATIONS_MAX = 10000,   /* remembered; only those that are at work, awaited or at rest may be more */
  CALLED_SECONDS = 3600,      /* that mail which waited to be called for goes as any other */
  CALL_EVERY = 60,            /* seconds between two calls for one domain */
  ASK_AHEAD = 10,             /* questions for a backlog at a time, when no answers are left */
  ROWS = 16384
};

/* Where a destination stands. One that is at work or full, and awaited by nobody, stands nowhere, nor does one that is
   asked about. PACED are those that have had all the messages they may have for now. */
enum place {
  NOWHERE, IDLE, TO_ASK, PACED,
  READY_NEW, STRANGER_NEW,
  READY_OLD, STRANGER_OLD, SUSPECT,
  UNASKED,
  AT_REST, PLACES = AT_REST + RESTS
};

/* A domain, or servers that several domains may have. */
struct destination {
  uint64_t key;
  enum channel channel;
  struct destination *row;              /* the next in its row of the table */
  struct destination *next, *previous;  /* in its place */
  enum place place;
  enum { TOLD, WANTED, ASKED } question;
  uint64_t servers;                     /* the key of those that a domain has in common with others, or 0 */
  uint64_t known_until;                 /* whether it has; of servers themselves always */
  unsigned running[NEWNESSES], limit;
  struct send_limits limits;
  struct pace *pace;                    /* null: it gets as many messages as there are */
  bool reached;                         /* since it was not */
  bool served_new;                      /* of waiting messages it is the turn of an old one */
  unsigned most;                        /* recipients of a transaction, known until then */
  uint64_t most_until;
  unsigned rests;                       /* since it was reached: a suspect */
  uint64_t rest_end;
  bool on_call;                         /* in control/holdremote, as of that reading of the tables */
  unsigned tables;
  uint64_t called_at, called_until;     /* 0: never */
  unsigned call;                        /* the number of that call */
  struct heap waiting[NEWNESSES];
  struct destination *domain;           /* of a mailbox */
  bool is_domain;                       /* its mailboxes stand in its lines, and it in those of all */
  bool served_several;                  /* of waiting messages it is the turn of one for a single mailbox */
  unsigned mailboxes;                   /* that are remembered */
  struct line { struct destination *first, *last; } awaited[NEWNESSES];
  char name[];
};

static struct destination *rows[ROWS];
static size_t count[CHANNELS];
static unsigned strangers_running[NEWNESSES], suspects_running;
static struct line lines[CHANNELS][PLACES];
static uint64_t paced_until = UINT64_MAX;       /* no later than the first of those that are PACED */

/* What is asked about, by the number of the question. */
static struct question { uint64_t key; bool sent; } questions[CHANNELS][WIRE_QUESTIONS_MAX];     /* key 0: no question */
static unsigned unsent[CHANNELS];

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

static uint64_t key_of(char const *name, size_t len)
{
  uint64_t h = secret();
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)name[i];
    if (c >= 'A' && c <= 'Z') c += 32;
    h = (h ^ c) * UINT64_C(0x100000001b3);
    h ^= h >> 29;
  }
  return h ? h : 1;
}

static size_t before_break(char const *s, size_t len)
{
  size_t n = 0;
  while (n < len && !(settings.breakchars.len && memchr(settings.breakchars.s, s[n], settings.breakchars.len))) n++;
  return n;
}

/* The owner of a virtual domain that has mailboxes is called like a domain, and no account of the system has a dot in its
   name. */
static bool is_domains(char const *name, size_t len)
{
  return len && memchr(name, '.', len);
}

char const *destination_account(char const *address, size_t address_len, size_t *len)
{
  size_t box = address_at(address, address_len);
  size_t prefix = is_domains(address, box) ? route_prefix(&routes, address, address_len) : 0;
  *len = is_domains(address, prefix) ? prefix : before_break(address, box);
  return address;
}

/* By name, so that two channels never share one. */
static uint64_t key_in(enum channel c, char const *name, size_t len)
{
  uint64_t h = key_of(name, len) ^ (c == CHANNEL_LOCAL ? UINT64_C(0x6c6f63616c) : 0);
  return h ? h : 1;
}

static char const *name_of(enum channel c, char const *address, size_t len, size_t *name_len)
{
  return c == CHANNEL_LOCAL ? destination_account(address, len, name_len) : destination_domain(address, len, name_len);
}

/* No domain and no address has this key, whatever it is called. */
static uint64_t servers_key(enum channel c, char const *name, size_t len)
{
  uint64_t h = ~key_in(c, name, len);
  return h ? h : 1;
}

/* ---- places ---- */

static struct line *line_of(struct destination const *d, enum place p)
{
  if (d->domain && p != IDLE) return &d->domain->awaited[p == READY_NEW ? NEW : OLD];
  return &lines[d->channel][p];
}

static void leave(struct destination *d)
{
  struct line *line = line_of(d, d->place);
  if (d->place == NOWHERE) return;
  if (d->previous) d->previous->next = d->next;
  else line->first = d->next;
  if (d->next) d->next->previous = d->previous;
  else line->last = d->previous;
  d->place = NOWHERE;
}

static void stand_first(struct destination *d, struct line *line)
{
  d->previous = 0;
  d->next = line->first;
  if (d->next) d->next->previous = d;
  else line->last = d;
  line->first = d;
}

/* Nothing is known of an idle mailbox that its domain does not know: it is the first to be forgotten. */
static void stand(struct destination *d, enum place p)
{
  struct line *line = line_of(d, p);
  d->place = p;
  if (p == NOWHERE) return;
  if (p == IDLE && d->domain) {
    stand_first(d, line);
    return;
  }
  d->next = 0;
  d->previous = line->last;
  if (d->previous) d->previous->next = d;
  else line->first = d;
  line->last = d;
}

static struct message *waiting_first(struct destination const *d)
{
  bool old = d->waiting[OLD].count && (d->served_new || !d->waiting[NEW].count);
  return heap_first(&d->waiting[old ? OLD : NEW]);
}

static struct destination *find(uint64_t key);

bool destination_last_pass(struct message const *m, enum channel c)
{
  struct destination const *d = timetable_counts(c) && m->toward[c] ? find(m->toward[c]) : 0;
  uint64_t lifetime = d ? timetable_lifetime(c, d->name, strlen(d->name)) : settings.queuelifetime;
  return schedule_last(m->birth, now, lifetime);
}

/* Heaps are in the order of birth: when the first is not on its last pass, none is. (One for another domain with these
   servers may be, if control/destinationschedule has less for it: that one waits for the end of the rest.) */
static bool last_pass_waits(struct destination const *d)
{
  for (int n = 0; n < NEWNESSES; n++) {
    struct message const *m = heap_first(&d->waiting[n]);
    if (m && destination_last_pass(m, d->channel)) return true;
  }
  return false;
}

static unsigned running(struct destination const *d)
{
  return d->running[NEW] + d->running[OLD];
}

static unsigned limit(struct destination const *d)
{
  return d->limits.connections && d->limit > d->limits.connections ? d->limits.connections : d->limit;
}

/* What was counted goes on to count where the same span does. */
static void limits_are(struct destination *d, struct send_limits l)
{
  d->limits = l;
  if (!l.rate.messages) {
    free(d->pace);
    d->pace = 0;
    return;
  }
  if (!d->pace || d->pace->rate.seconds != l.rate.seconds) {
    if (!d->pace) d->pace = memory_zeroed(1, sizeof *d->pace);
    *d->pace = (struct pace){ .part = 0 };
  }
  d->pace->rate = l.rate;
}

static uint64_t paced_end(struct destination const *d)
{
  return d->pace ? pace_next(d->pace, now) : now;
}

static bool at_rest(struct destination const *d)
{
  return d->rest_end > now;
}

/* Nobody has called for what waits. */
static bool is_asleep(struct destination const *d)
{
  return d->on_call && d->called_until <= now;
}

static bool is_known(struct destination const *d)
{
  return d->known_until > now;
}

static unsigned rest_length(unsigned rests)
{
  return rests < RESTS ? (unsigned)REST_FIRST << (rests - 1) : REST_LAST;
}

/* Whether there is room for an account depends on all of them, so that is looked at when a place is free. */
static enum place place_of_account(struct destination const *d)
{
  bool new = destination_awaited(d, NEW), awaited = new || destination_awaited(d, OLD);
  if (d->question) return d->question == WANTED ? TO_ASK : NOWHERE;
  if (!awaited) return running(d) || d->mailboxes ? NOWHERE : IDLE;
  if (!is_known(d)) return new ? STRANGER_NEW : STRANGER_OLD;
  return new ? READY_NEW : READY_OLD;
}

/* What waits with a domain that has servers only goes on to wait with them, if it must: that takes no place. */
static enum place place_of(struct destination const *d)
{
  if (d->channel == CHANNEL_LOCAL) return place_of_account(d);
  bool awaited = d->waiting[NEW].count || d->waiting[OLD].count, new = d->waiting[NEW].count;
  bool room = d->servers || running(d) < limit(d);
  if (d->question) return d->question == WANTED ? TO_ASK : NOWHERE;
  if (at_rest(d) && !(room && last_pass_waits(d))) return AT_REST + (d->rests < RESTS ? d->rests : RESTS) - 1;
  if (paced_end(d) > now) return PACED;
  if (!awaited) return running(d) ? NOWHERE : IDLE;
  if (!room) return NOWHERE;
  if (!is_known(d) && !at_rest(d)) return new ? STRANGER_NEW : UNASKED;
  if (d->servers || d->reached) return new ? READY_NEW : READY_OLD;
  return d->rests ? SUSPECT : new ? STRANGER_NEW : STRANGER_OLD;
}

static void heaps_free(struct destination *d)
{
  for (int n = 0; n < NEWNESSES; n++) {
    free(d->waiting[n].at);
    d->waiting[n] = (struct heap){ .key = (int)d->channel };
  }
  if (d->channel == CHANNEL_LOCAL) d->waiting[NEW].sum = &local_and_new;
}

/* In the order of arrival, which in each place of rest is also the order of waking up: there one must not move. */
static void settle(struct destination *d)
{
  enum place p = place_of(d);
  if (p == d->place && p >= AT_REST) return;
  if (p == IDLE) heaps_free(d);
  leave(d);
  stand(d, p);
  if (p == PACED && paced_end(d) < paced_until) paced_until = paced_end(d);
}

/* The same when it may be there already, and keeps its turn. */
static void settle_anew(struct destination *d)
{
  if (d->place != place_of(d)) settle(d);
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
  free(d->pace);
  count[d->channel]--;
  if (d->domain) {
    d->domain->mailboxes--;
    settle_anew(d->domain);
  }
  free(d);
}

static struct destination *find(uint64_t key)
{
  struct destination *d = *row_of(key);
  while (d && d->key != key) d = d->row;
  return d;
}

static struct destination *find_or_add(enum channel c, uint64_t key, char const *name, size_t len)
{
  struct destination *d = find(key), **row = row_of(key);
  if (d) return d;
  if (count[c] >= DESTINATIONS_MAX && lines[c][IDLE].first) forget(lines[c][IDLE].first);
  d = memory_zeroed(1, sizeof *d + len + 1);
  *d = (struct destination){ .key = key, .channel = c, .limit = FIRST_LIMIT, .row = *row };
  memcpy(d->name, name, len);
  if (c == CHANNEL_REMOTE) limits_are(d, limits_of_domain(name, len));
  *row = d;
  count[c]++;
  settle(d);
  return d;
}

/* Idle domains that are used stand behind those that are not. */
static struct destination *servers_of(struct destination *d)
{
  struct destination *servers = d->servers && is_known(d) ? find(d->servers) : 0;
  if (d->servers && !servers) d->known_until = d->servers = 0;
  if (d->place == IDLE) settle(d);
  return servers ? servers : d;
}

static void learn_hold(struct destination *d);

static struct destination *named_by(enum channel c, char const *address, size_t len)
{
  size_t name_len;
  char const *name = name_of(c, address, len, &name_len);
  struct destination *d = find_or_add(c, key_in(c, name, name_len), name, name_len);
  if (c == CHANNEL_REMOTE && d->tables != tables_read) learn_hold(d);
  return d;
}

/* ---- mailboxes ---- */

/* The domain that an address belongs to which is d's; null when it has no mailboxes, or that is not known now. */
static struct destination *domain_of(struct destination *d)
{
  struct destination *owner = d->channel == CHANNEL_LOCAL ? servers_of(d) : d;
  return owner != d && owner->is_domain ? owner : 0;
}

/* What stands before the first of control/breakchars behind the prefix. */
static uint64_t mailbox_key(struct destination const *domain, char const *address, size_t len)
{
  size_t prefix, box = address_at(address, len);
  destination_account(address, len, &prefix);
  uint64_t h = (key_of(address + prefix, before_break(address + prefix, box - prefix)) ^ domain->key) * UINT64_C(0x9e3779b97f4a7c15);
  h ^= h >> 29;
  return h ? h : 1;
}

/* The domain of a new one must not be what is forgotten for it. */
static struct destination *mailbox_of(struct destination *domain, char const *address, size_t len)
{
  uint64_t key = mailbox_key(domain, address, len);
  struct destination *d = find(key);
  if (d) return d;
  domain->mailboxes++;
  settle_anew(domain);
  d = find_or_add(CHANNEL_LOCAL, key, "", 0);
  d->domain = domain;
  d->known_until = UINT64_MAX;
  settle(d);
  return d;
}

struct destination *destination_of(enum channel c, char const *address, size_t len)
{
  struct destination *d = named_by(c, address, len), *domain = domain_of(d);
  return domain ? mailbox_of(domain, address, len) : servers_of(d);
}

uint64_t destination_owner(enum channel c, char const *address, size_t len)
{
  size_t name_len;
  char const *name = name_of(c, address, len, &name_len);
  return key_in(c, name, name_len);
}

uint64_t destination_key(enum channel c, char const *address, size_t len)
{
  uint64_t key = destination_owner(c, address, len);
  struct destination *d = find(key), *domain = d ? domain_of(d) : 0;
  return domain ? mailbox_key(domain, address, len) : key;
}

void destination_meet(enum channel c, uint64_t *sole, bool any, char const *address, size_t len)
{
  struct destination *d = named_by(c, address, len), *domain = domain_of(d);
  if (!any) *sole = (domain ? mailbox_of(domain, address, len) : d)->key;
  else if (*sole && *sole != (domain ? mailbox_key(domain, address, len) : d->key)) {
    struct destination const *met = find(*sole);
    bool same_domain = domain && met && (met == domain || met->domain == domain);
    *sole = same_domain ? domain->key : 0;
  }
}

/* What waited for the answer about a domain is to be looked at again. */
struct destination *destination_find(uint64_t key)
{
  struct destination *d = find(key);
  return d && !domain_of(d) ? servers_of(d) : 0;
}

char const *destination_name(struct destination const *d)
{
  return d->name;
}

bool destination_is_strange(struct destination const *d)
{
  return !d->reached && !d->rests;
}

unsigned destination_most(struct destination const *d)
{
  return d->most_until > now ? d->most : WIRE_RECIPIENTS_MAX;
}

void destination_learn_most(struct destination *d, unsigned most)
{
  d->most = most;
  d->most_until = now + KNOWN_SECONDS;
}

/* ---- where a domain's mail goes ---- */

static struct question *free_question(enum channel c)
{
  for (struct question *q = questions[c]; q < questions[c] + WIRE_QUESTIONS_MAX; q++)
    if (!q->key) return q;
  return 0;
}

static void ask(struct destination *d)
{
  struct question *q = free_question(d->channel);
  if (q) {
    *q = (struct question){ .key = d->key };
    unsent[d->channel]++;
  }
  d->question = q ? ASKED : WANTED;
  settle(d);
}

bool destination_question_next(enum channel c, unsigned *number, char const **name)
{
  struct question *q = questions[c];
  if (!unsent[c]) return false;
  while (!q->key || q->sent) q++;
  q->sent = true;
  unsent[c]--;
  *number = (unsigned)(q - questions[c]);
  *name = find(q->key)->name;
  return true;
}

/* Of the latest first: those before it may be many, and hang. */
static void ask_next(enum channel c)
{
  if (lines[c][TO_ASK].last) ask(lines[c][TO_ASK].last);
}

/* Mail for a domain goes there, so what is said of either holds. */
static void serve(struct destination *servers, struct destination const *domain)
{
  bool known = servers->known_until == UINT64_MAX;
  struct send_limits l = known ? servers->limits : limits_of_servers(servers->name, strlen(servers->name));
  limits_join(&l, &domain->limits);
  limits_are(servers, l);
  settle_anew(servers);
}

/* Nobody of whom is asked is forgotten meanwhile: he does not stand with the idle ones. */
bool destination_answered(enum channel c, unsigned number, char const *name, size_t len)
{
  struct question *q = questions[c] + number;
  if (number >= WIRE_QUESTIONS_MAX || !q->sent) return false;
  struct destination *d = find(q->key);
  struct destination *servers = len ? find_or_add(c, servers_key(c, name, len), name, len) : 0;
  *q = (struct question){ .key = 0 };
  if (servers && c == CHANNEL_REMOTE) serve(servers, d);
  if (servers) servers->known_until = UINT64_MAX;
  if (servers) servers->is_domain = c == CHANNEL_LOCAL && is_domains(name, strcspn(servers->name, ":"));
  d->question = TOLD;
  if (!d->on_call) {
    d->servers = servers ? servers->key : 0;
    d->known_until = now + KNOWN_SECONDS;
  }
  settle(d);
  ask_next(c);
  return true;
}

void destination_doubt(char const *address, size_t len)
{
  struct destination *d = find(destination_owner(CHANNEL_REMOTE, address, len));
  if (d && !d->on_call) d->known_until = 0;
}

/* ---- room ---- */

static unsigned part(void)
{
  unsigned all = places_all(CHANNEL_REMOTE);
  return all < PARTS ? 1 : all / PARTS;
}

static unsigned all_but(unsigned places)
{
  unsigned all = places_all(CHANNEL_REMOTE);
  return all > places ? all - places : 1;
}

static bool strangers_room(enum newness n)
{
  if (strangers_running[NEW] + strangers_running[OLD] >= all_but(part())) return false;
  return n == NEW || strangers_running[OLD] < all_but(2 * part());
}

static bool suspects_room(void)
{
  return suspects_running < part() && strangers_room(NEW);
}

static bool places_left(struct destination const *d, enum newness n)
{
  return d->reached || (d->rests ? suspects_room() : strangers_room(n));
}

/* A backlog asks no faster than it is sent. */
static bool may_ask(enum newness n)
{
  return n == NEW || (!lines[CHANNEL_REMOTE][TO_ASK].first && strangers_room(OLD));
}

/* Fewer than three times as many as are free: one domain alone gets three quarters of the places. */
static bool domain_room(struct destination const *d)
{
  unsigned left = places_free(CHANNEL_LOCAL);
  return left && (!running(d) || (left > 1 && running(d) < 3 * left));
}

/* Fewer than are free: one account alone gets half of the places, a second one half of the rest. What waits with an address
   goes on to wait with its account, which takes no place. */
static bool account_room(struct destination const *d)
{
  if (d->servers) return true;
  if (d->is_domain) return domain_room(d);
  unsigned left = places_free(CHANNEL_LOCAL);
  bool room = left && (!running(d) || running(d) < left);
  return room && (!d->domain || domain_room(d->domain));
}

bool destination_is_full(struct destination const *d)
{
  return d->domain && !domain_room(d->domain);
}

static void count_in(struct destination const *d);
static void count_out(struct destination const *d);

/* The longest of rests, again and again: at its end those messages are found that have waited too long. */
static void sleep_on(struct destination *d)
{
  count_out(d);
  d->reached = false;
  d->rests = RESTS;
  count_in(d);
  d->rest_end = now + REST_LAST;
  leave(d);
  stand(d, place_of(d));
}

static enum destination_room account_place(struct destination *d)
{
  if (is_known(d)) return account_room(d) ? ROOM : NO_ROOM;
  if (!d->question) ask(d);
  return NOT_KNOWN;
}

enum destination_room destination_room(struct destination *d, enum newness n, bool last)
{
  if (d->channel == CHANNEL_LOCAL) return account_place(d);
  if (is_asleep(d) && !at_rest(d)) sleep_on(d);
  if (at_rest(d) && !last) return RESTING;
  bool room = running(d) < limit(d) && places_left(d, n) && paced_end(d) <= now;
  if (is_known(d) || at_rest(d)) return room ? ROOM : NO_ROOM;
  if (!d->question && may_ask(n)) ask(d);
  return room && d->question ? NOT_KNOWN : NO_ROOM;
}

/* ---- waiting ---- */

/* All that wait are due: the heap goes by birth. */
void destination_wait(struct destination *d, struct message *m)
{
  enum newness n = m->first[d->channel] ? NEW : OLD;
  schedule_in(m, d->channel, 0, &d->waiting[n]);
  settle_anew(d);
  if (d->domain) settle_anew(d->domain);
}

bool destination_awaited(struct destination const *d, enum newness n)
{
  return d->waiting[n].count > 0 || d->awaited[n].first;
}

static bool is_open(enum place p)
{
  switch (p) {
    case STRANGER_NEW: return strangers_room(NEW);
    case STRANGER_OLD: return strangers_room(OLD);
    case SUSPECT: return suspects_room();
    case UNASKED: return may_ask(OLD);
    default: return true;
  }
}

static struct destination *first_at(enum place p)
{
  return is_open(p) ? lines[CHANNEL_REMOTE][p].first : 0;
}

static enum place const from[NEWNESSES] = { [NEW] = READY_NEW, [OLD] = READY_OLD };
static unsigned const kinds[NEWNESSES] = { [NEW] = READY_OLD - READY_NEW, [OLD] = UNASKED - READY_OLD };

/* Those for which new mail waits and those for which only old mail does take turns. */
static struct destination *mailbox_with_room(struct destination const *d)
{
  for (int i = 0; i < NEWNESSES; i++)
    for (struct destination *m = d->awaited[d->served_new == (i == NEW) ? OLD : NEW].first; m; m = m->next)
      if (account_room(m)) return m;
  return 0;
}

/* Mail for several mailboxes waits with the domain itself, and takes turns with mail for one. */
static struct destination *account_with_room(struct destination *d)
{
  if (!account_room(d)) return 0;
  if (!d->is_domain) return d;
  bool several = d->waiting[NEW].count || d->waiting[OLD].count;
  struct destination *mailbox = several && !d->served_several ? 0 : mailbox_with_room(d);
  return mailbox || !several ? mailbox : d;
}

/* One to ask about, as long as the questions are answered; else one with room. Those that are passed over for having too many
   places already are no more than there are places. */
static struct destination *account_first(enum newness n)
{
  struct line const *line = lines[CHANNEL_LOCAL];
  struct destination *d = line[n == NEW ? STRANGER_NEW : STRANGER_OLD].first, *found = 0;
  if (d && !line[TO_ASK].first) return d;
  for (d = line[from[n]].first; d && !(found = account_with_room(d)); d = d->next) ;
  return found;
}

bool destination_ready(enum channel c, enum newness n)
{
  if (c == CHANNEL_LOCAL) return account_first(n);
  for (unsigned i = 0; i < kinds[n]; i++)
    if (first_at(from[n] + i)) return true;
  return false;
}

/* The places take turns. So do the first and the latest of the strangers that new mail waits for: the others may be many,
   and hang. */
static struct destination *ready_first(enum newness n)
{
  static unsigned turn[NEWNESSES];
  struct destination *d = 0;
  turn[n]++;
  for (unsigned i = 0; i < kinds[n] && !d; i++) d = first_at(from[n] + (turn[n] + i) % kinds[n]);
  bool latest = turn[n] / kinds[n] % 2;
  return d && d->place == STRANGER_NEW && latest ? lines[CHANNEL_REMOTE][STRANGER_NEW].last : d;
}

static void ask_ahead(void)
{
  for (int i = 0; i < ASK_AHEAD && first_at(UNASKED); i++) ask(first_at(UNASKED));
}

/* What waited may have left by itself. */
struct message *destination_next(enum channel c, enum newness n)
{
  struct destination *d;
  if (c == CHANNEL_REMOTE && n == OLD && !lines[c][STRANGER_OLD].first) ask_ahead();
  while ((d = c == CHANNEL_LOCAL ? account_first(n) : ready_first(n))) {
    struct message *m = waiting_first(d);
    if (m) {
      d->served_new = m->first[c];
      d->served_several = true;
      if (d->domain) {
        d->domain->served_new = d->served_new;
        d->domain->served_several = false;
      }
      unschedule(m, c);
    }
    settle(d);
    if (d->domain) settle(d->domain);
    if (m) return m;
  }
  return 0;
}

/* ---- commands ---- */

/* Its commands, among those of its kind, from now on or no longer. */
static void count_in(struct destination const *d)
{
  if (d->channel == CHANNEL_LOCAL) return;
  for (int n = 0; n < NEWNESSES && !d->reached; n++) strangers_running[n] += d->running[n];
  if (d->rests) suspects_running += running(d);
}

static void count_out(struct destination const *d)
{
  if (d->channel == CHANNEL_LOCAL) return;
  for (int n = 0; n < NEWNESSES && !d->reached; n++) strangers_running[n] -= d->running[n];
  if (d->rests) suspects_running -= running(d);
}

void destination_started(struct destination *d, enum newness n)
{
  count_out(d);
  d->running[n]++;
  count_in(d);
  if (d->pace) pace_count(d->pace, now);
  settle(d);
  if (!d->domain) return;
  d->domain->running[n]++;
  settle(d->domain);
}

static void was_reached(struct destination *d)
{
  d->reached = true;
  d->rest_end = 0;
  d->rests = 0;
  if (!d->limits.connections || d->limit < d->limits.connections) d->limit++;
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
  d->rests++;
  d->limit = 1;
  d->rest_end = now + rest_length(d->rests);
  return true;
}

bool destination_ended(struct destination *d, enum newness n, enum destination_outcome outcome, unsigned *rest)
{
  bool rests = false;
  count_out(d);
  d->running[n]--;
  if (d->channel == CHANNEL_LOCAL) outcome = UNKNOWN;
  if (outcome == REACHED) was_reached(d);
  if (outcome == UNREACHED && (rests = was_not_reached(d))) *rest = rest_length(d->rests);
  count_in(d);
  settle(d);
  if (d->domain) {
    d->domain->running[n]--;
    settle_anew(d->domain);
  }
  return rests;
}

/* ---- waking up ---- */

/* All are looked at, once in a second at most. */
static bool paced_wake(void)
{
  struct destination *next;
  bool any = false;
  if (now < paced_until) return false;
  paced_until = UINT64_MAX;
  for (struct destination *d = lines[CHANNEL_REMOTE][PACED].first; d; d = next) {
    next = d->next;
    any = any || paced_end(d) <= now;
    if (paced_end(d) <= now) settle(d);
    else if (paced_end(d) < paced_until) paced_until = paced_end(d);
  }
  return any;
}

bool destinations_wake(void)
{
  bool any = paced_wake();
  for (int p = AT_REST; p < PLACES; p++) {
    struct destination *d;
    while ((d = lines[CHANNEL_REMOTE][p].first) && !at_rest(d)) {
      bool waits = d->waiting[NEW].count || d->waiting[OLD].count;
      if (is_asleep(d) && waits) sleep_on(d);
      else settle(d);
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

/* ---- mail that is called for ---- */

static void learn_hold(struct destination *d)
{
  struct field unused;
  bool on_call = nameset_find_domain(&settings.holdremote, d->name, strlen(d->name), &unused) == 1;
  d->tables = tables_read;
  if (on_call == d->on_call) return;
  d->on_call = on_call;
  d->called_until = d->servers = 0;
  d->known_until = on_call ? UINT64_MAX : 0;
  if (!on_call) destination_wake(d);
}

static unsigned calls;

static uint32_t call_one(struct destination *d)
{
  struct destination *servers = servers_of(d);
  d->call = calls;
  d->called_at = now;
  d->called_until = now + CALLED_SECONDS;
  count_out(d);
  d->rests = 0;
  count_in(d);
  destination_wake(d);
  if (servers != d) destination_wake(servers);
  return (uint32_t)(d->waiting[NEW].count + d->waiting[OLD].count);
}

/* Servers, whose domains are not known to themselves, have no domain's name. */
static bool is_called(struct destination const *d, struct call const *c)
{
  return d->channel == CHANNEL_REMOTE && d->key == key_in(CHANNEL_REMOTE, d->name, strlen(d->name))
      && call_is_for(c, d->name, strlen(d->name));
}

bool destination_call(struct call const *c, uint32_t *messages)
{
  struct destination *sole = named_by(CHANNEL_REMOTE, c->domain.s, c->domain.len);
  if (sole->called_at && now < sole->called_at + CALL_EVERY) return false;
  calls++;
  *messages = call_one(sole);
  for (size_t i = 0; c->below && i < ROWS; i++)
    for (struct destination *d = rows[i]; d; d = d->row)
      if (d != sole && is_called(d, c)) *messages += call_one(d);
  return true;
}

bool destination_was_called(uint64_t key)
{
  struct destination const *d = find(key);
  return d && d->call == calls;
}

void destinations_wake_all(void)
{
  for (size_t i = 0; i < ROWS; i++)
    for (struct destination *d = rows[i]; d; d = d->row) {
      if (d->known_until != UINT64_MAX) d->known_until = 0;
      destination_wake(d);
    }
}

/* Domains are asked about again, and say then what holds for their servers. */
void destinations_limit_anew(void)
{
  for (size_t i = 0; i < ROWS; i++)
    for (struct destination *d = rows[i]; d; d = d->row) {
      if (d->channel == CHANNEL_LOCAL) continue;
      size_t len = strlen(d->name);
      limits_are(d, d->known_until == UINT64_MAX ? limits_of_servers(d->name, len) : limits_of_domain(d->name, len));
      settle_anew(d);
    }
}

uint64_t destinations_next(enum channel c)
{
  uint64_t next = c == CHANNEL_LOCAL ? UINT64_MAX : paced_until;
  if (c == CHANNEL_LOCAL) return account_first(NEW) || account_first(OLD) ? now : next;
  for (int p = READY_NEW; p < AT_REST; p++)
    if (first_at((enum place)p)) return now;
  for (int p = AT_REST; p < PLACES; p++)
    if (lines[c][p].first && lines[c][p].first->rest_end < next) next = lines[c][p].first->rest_end;
  return next;
}

uint64_t destination_is_paced(struct destination const *d)
{
  return d->channel == CHANNEL_REMOTE && paced_end(d) > now ? paced_end(d) - now : 0;
}

char const *destination_domain_name(uint64_t key)
{
  struct destination const *d = find(key);
  return d ? d->name : 0;
}

uint64_t destination_rests(struct destination const *d)
{
  return d->rest_end > now ? d->rest_end - now : 0;
}
