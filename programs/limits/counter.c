#include <string.h>

#include <skalibs/types.h>

#include "counter.h"

/* ---- who ---- */

bool counter_address(struct address_name *to, struct field address)
{
  if (!network_of(&to->network, address.s, address.len)) return false;
  struct network name = to->network;
  if (!network_is_ip4(&name)) network_cut(&name, 64);
  to->len = network_fmt(to->text, &name);
  return true;
}

enum { PARTIES = 2 };

/* Those who are counted for a question, with what they may do; of is null for who has no limit. */
struct party { struct limited who; struct limits limits; struct usage *of; };

static void know(struct counter *c, struct party *p, struct field class, uint64_t t)
{
  p->of = 0;
  if (!limit_set_find(&c->set, &p->limits, class, &p->who)) return;
  p->of = usage_find_or_make(c->usages, p->who.subject, p->who.name, t);
  if (p->of) p->of->limits = p->limits;
}

static size_t parties_of(struct counter *c, struct party p[PARTIES], struct address_name *address, struct limit_question const *q,
                         uint64_t t)
{
  size_t count = 0;
  if (q->verb == LIMIT_SEND && q->login.len) {
    p[count++] = (struct party){ .who = { LIMIT_LOGIN, q->login, 0 } };
    p[count++] = (struct party){ .who = { LIMIT_DOMAIN, q->domain, 0 } };
  } else if (counter_address(address, q->address)) {
    p[count++] = (struct party){ .who = { LIMIT_ADDRESS, { address->text, address->len }, &address->network } };
  }
  for (size_t i = 0; i < count; i++) know(c, p + i, q->class, t);
  return count;
}

/* ---- what is granted ---- */

static uint32_t least_room(struct party const *p, size_t count, enum limit_what what, uint64_t t)
{
  uint32_t least = LIMIT_ALL;
  for (size_t i = 0; i < count; i++) {
    uint32_t room = p[i].of ? usage_room(p[i].of, &p[i].limits, what, t) : LIMIT_ALL;
    if (room < least) least = room;
  }
  return least;
}

static uint32_t share(uint32_t room, uint32_t most, uint32_t wanted)
{
  uint32_t n = room / 4 < most ? room / 4 : most;
  if (room == LIMIT_ALL) return LIMIT_ALL;
  if (!n && room) n = 1;
  return n < wanted && wanted <= room ? wanted : n;
}

static void owe(struct debts *d, struct usage *of, uint32_t messages, uint32_t recipients, uint64_t t)
{
  struct debt const x = { of, of->mark, messages == LIMIT_ALL ? 0 : messages, recipients == LIMIT_ALL ? 0 : recipients };
  usage_add(of, LIMIT_MESSAGES, t, x.messages);
  usage_add(of, LIMIT_RECIPIENTS, t, x.recipients);
  d->each[d->count++] = x;
}

void counter_settle(struct debts *d, uint32_t messages, uint32_t recipients, uint64_t t)
{
  for (struct debt *x = d->each; x < d->each + d->count; x++) {
    if (x->of->mark != x->mark) continue;       /* forgotten since */
    if (messages < x->messages) usage_take_back(x->of, LIMIT_MESSAGES, t, x->messages - messages);
    else usage_add(x->of, LIMIT_MESSAGES, t, messages - x->messages);
    if (recipients < x->recipients) usage_take_back(x->of, LIMIT_RECIPIENTS, t, x->recipients - recipients);
    else usage_add(x->of, LIMIT_RECIPIENTS, t, recipients - x->recipients);
  }
  d->count = 0;
}

/* ---- who must wait ---- */

static size_t limit_text(char *to, struct field name, struct limits const *l, enum limit_what what, enum limit_period period)
{
  char *end = to;
  memcpy(end, name.s, name.len);
  end = stpcpy(stpcpy(stpcpy(end + name.len, ": "), limit_whats[what]), " ");
  end += uint32_fmt(end, l->most[what][period]);
  end = stpcpy(stpcpy(end, "/"), limit_periods[period]);
  return (size_t)(end - to);
}

static void tell(struct counter *c, struct usage *of, uint64_t t, struct field text)
{
  if (t - of->told < limit_seconds[LIMIT_HOUR]) return;
  of->told = t;
  if (c->reached) c->reached(text.s, text.len);
}

/* He waits for the last of his limits. */
static void refuse(struct counter *c, struct limit_answer *a, struct party const *p, size_t count, enum limit_what what, uint32_t n,
                   uint64_t t, char *text)
{
  a->said = LIMIT_MUST_WAIT;
  for (size_t i = 0; i < count; i++) {
    enum limit_period period = LIMIT_DAY;
    if (!p[i].of || usage_room(p[i].of, &p[i].limits, what, t) >= n) continue;
    uint32_t wait = usage_wait(p[i].of, &p[i].limits, what, t, n, &period);
    if (!wait) wait = 1;        /* more than there can ever be: not now */
    if (wait <= a->seconds) continue;
    a->seconds = wait;
    a->text = (struct field){ text, limit_text(text, p[i].who.name, &p[i].limits, what, period) };
    tell(c, p[i].of, t, a->text);
  }
}

/* ---- the questions ---- */

static bool is_over(struct counter *c, struct limit_answer *a, struct party const *p, size_t count, enum limit_what what, uint32_t n,
                    uint64_t t, char *text)
{
  if (least_room(p, count, what, t) >= n) return false;
  refuse(c, a, p, count, what, n, t, text);
  return true;
}

/* Who has connected may have nothing to send, or log in. */
static void grant(struct limit_answer *a, struct debts *d, struct party const *p, size_t count, uint32_t wanted, uint64_t t)
{
  a->seconds = GRANT_SECONDS;
  a->messages = share(least_room(p, count, LIMIT_MESSAGES, t), GRANT_MESSAGES, 1);
  a->recipients = share(least_room(p, count, LIMIT_RECIPIENTS, t), GRANT_RECIPIENTS, wanted);
  a->by_domain = count == PARTIES && p[1].of;
  for (size_t i = 0; i < count; i++)
    if (p[i].of) owe(d, p[i].of, a->messages, a->recipients, t);
}

void counter_answer(struct counter *c, struct limit_answer *a, struct debts *d, struct limit_question const *q, uint64_t t,
                    char text[COUNTER_TEXT_MAX])
{
  struct party p[PARTIES];
  struct address_name address;
  uint32_t wanted = q->wanted ? q->wanted : 1;
  counter_settle(d, q->messages, q->recipients, t);
  *a = (struct limit_answer){ .said = LIMIT_GRANTED, .text = { text, 0 } };
  size_t count = parties_of(c, p, &address, q, t);
  if (q->verb == LIMIT_CONNECT) {
    if (is_over(c, a, p, count, LIMIT_CONNECTIONS, 1, t, text)) return;
    for (size_t i = 0; i < count; i++)
      if (p[i].of) usage_add(p[i].of, LIMIT_CONNECTIONS, t, 1);
  } else if (is_over(c, a, p, count, LIMIT_MESSAGES, 1, t, text) || is_over(c, a, p, count, LIMIT_RECIPIENTS, wanted, t, text)) {
    return;
  }
  grant(a, d, p, count, wanted, t);
}

/* ---- who has done what ---- */

void counter_hold_all(struct counter *c)
{
  enum limit_subject subject;
  size_t at = 0;
  for (struct usage *u; (u = usage_next(c->usages, &subject, &at));) {
    struct network n;
    struct limited const who = { subject, { u->name, u->name_len }, network_read(&n, u->name, u->name_len) ? &n : 0 };
    limit_set_find(&c->set, &u->limits, (struct field){ "", 0 }, &who);
  }
}

static char *say(char *to, enum limit_subject subject, struct usage const *u, enum limit_what what, enum limit_period p, uint64_t t)
{
  uint32_t most = u->limits.most[what][p];
  enum limit_period last = p;
  to = stpcpy(stpcpy(to, limit_subjects[subject]), " ");
  for (size_t i = 0; i < u->name_len; i++) *to++ = u->name[i] > ' ' && u->name[i] <= '~' ? u->name[i] : '_';
  to = stpcpy(stpcpy(stpcpy(to, " "), limit_whats[what]), " ");
  to += uint32_fmt(to, window_count(&u->windows[what][p], t, limit_seconds[p]));
  to = stpcpy(to, " of ");
  to += uint32_fmt(to, most);
  to = stpcpy(stpcpy(stpcpy(to, "/"), limit_periods[p]), " wait ");
  to += uint32_fmt(to, usage_wait(u, &u->limits, what, t, 1, &last));
  *to++ = '\n';
  return to;
}

static bool is_near(struct usage const *u, int what, int p, uint64_t t)
{
  uint64_t most = u->limits.most[what][p];
  return most && 4 * (uint64_t)window_count(&u->windows[what][p], t, limit_seconds[p]) >= 3 * most;
}

enum { LIST_LINE_MAX = LIMIT_NAME_MAX + 120, LIST_LINES_MAX = LIMIT_WHATS * LIMIT_PERIODS };

size_t counter_list(struct counter *c, char *to, size_t size, uint64_t t)
{
  enum limit_subject subject;
  char *end = to;
  size_t at = 0;
  for (struct usage *u; size - (size_t)(end - to) > LIST_LINES_MAX * LIST_LINE_MAX && (u = usage_next(c->usages, &subject, &at));)
    for (int w = 0; w < LIMIT_WHATS; w++)
      for (int p = 0; p < LIMIT_PERIODS; p++)
        if (is_near(u, w, p, t)) end = say(end, subject, u, (enum limit_what)w, (enum limit_period)p, t);
  return (size_t)(end - to);
}

static size_t forget(struct usage *u)
{
  if (!u) return 0;
  u->mark = 0;
  return 1;
}

size_t counter_clear(struct counter *c, struct field name)
{
  struct address_name address;
  enum limit_subject subject;
  size_t count = 0, at = 0;
  if (!name.len)
    for (struct usage *u; (u = usage_next(c->usages, &subject, &at));) count += forget(u);
  else if (network_read(&address.network, name.s, name.len)) {
    if (!network_is_ip4(&address.network)) network_cut(&address.network, 64);
    count = forget(usage_find(c->usages, LIMIT_ADDRESS, (struct field){ address.text, network_fmt(address.text, &address.network) }));
  } else
    count = forget(usage_find(c->usages, LIMIT_LOGIN, name)) + forget(usage_find(c->usages, LIMIT_DOMAIN, name));
  return count;
}
