#include <string.h>

#include <skalibs/sha256.h>

#include "penalty.h"

void penalty_name(struct network *address)
{
  if (!network_is_ip4(address)) network_cut(address, 64);
}

static size_t set_of(struct penalty const *p, struct network const *name)
{
  SHA256Schedule work = SHA256_INIT();
  char digest[32];
  uint32_t h;
  sha256_update(&work, p->key, sizeof p->key);
  sha256_update(&work, (char const *)name->ip, sizeof name->ip);
  sha256_final(&work, digest);
  memcpy(&h, digest, sizeof h);
  return h % PENALTY_SETS;
}

static bool is_same(struct network const *a, struct network const *b)
{
  return !memcmp(a->ip, b->ip, sizeof a->ip);
}

static bool is_over(struct penalty_entry const *e, time_t now)
{
  time_t last = e->until > e->last ? e->until : e->last;
  return !e->failures || now - last >= PENALTY_MEMORY;
}

static struct penalty_entry *find(struct penalty *p, struct network const *name, time_t now)
{
  struct penalty_entry *set = p->entries[set_of(p, name)];
  for (size_t i = 0; i < PENALTY_WAYS; i++)
    if (!is_over(set + i, now) && is_same(&set[i].net, name)) return set + i;
  return 0;
}

static bool weighs_less(struct penalty_entry const *a, struct penalty_entry const *b, time_t now)
{
  if (is_over(a, now) != is_over(b, now)) return is_over(a, now);
  return a->failures != b->failures ? a->failures < b->failures : a->last < b->last;
}

static struct penalty_entry *find_or_make(struct penalty *p, struct network const *name, time_t now)
{
  struct penalty_entry *set = p->entries[set_of(p, name)], *least = set, *found = find(p, name, now);
  if (found) return found;
  for (size_t i = 1; i < PENALTY_WAYS; i++)
    if (weighs_less(set + i, least, now)) least = set + i;
  *least = (struct penalty_entry){ .net = *name };
  return least;
}

unsigned penalty_wait(struct penalty *p, struct network const *name, time_t now)
{
  struct penalty_entry const *e = find(p, name, now);
  return e && e->until > now ? (unsigned)(e->until - now) : 0;
}

static bool is_seen(struct penalty_entry const *e, uint64_t mark)
{
  for (size_t i = 0; i < PENALTY_SEEN && i < e->failures; i++)
    if (e->seen[i] == mark) return true;
  return false;
}

/* For the first three two seconds, then 4, 6, 8, 10; for repeated ones, too. */
static unsigned delay_of(struct penalty_entry const *e)
{
  uint64_t tries = (uint64_t)e->failures + e->repeats;
  if (tries <= 3) return PENALTY_DELAY;
  return tries - 2 < PENALTY_DELAY_MAX / PENALTY_DELAY ? PENALTY_DELAY * (unsigned)(tries - 2) : PENALTY_DELAY_MAX;
}

static unsigned box_of(uint32_t failures, unsigned long most)
{
  unsigned long more = failures - most;
  if (!most || failures < most) return 0;
  return more < 6 && PENALTY_BOX << more < PENALTY_BOX_MAX ? (unsigned)PENALTY_BOX << more : PENALTY_BOX_MAX;
}

/* Several may have been under way when the first of them closed the box: they lengthen nothing now, but count for the next
   one. Else who tries many at once would have them all for the price of one. */
unsigned penalty_failed(struct penalty *p, struct network const *name, uint64_t mark, unsigned long most, time_t now,
                        unsigned *boxed)
{
  struct penalty_entry *e = find_or_make(p, name, now);
  bool again = is_seen(e, mark), was_boxed = e->until > now;
  *boxed = 0;
  e->last = now;
  if (again) e->repeats += e->repeats < UINT32_MAX;
  else {
    e->seen[e->failures % PENALTY_SEEN] = mark;
    e->failures++;
  }
  if (!again && !was_boxed) {
    *boxed = box_of(e->failures, most);
    e->until = now + *boxed;
  }
  return delay_of(e);
}

struct penalty_entry *penalty_next(struct penalty *p, size_t *at, time_t now)
{
  while (*at < PENALTY_SETS * PENALTY_WAYS) {
    struct penalty_entry *e = &p->entries[*at / PENALTY_WAYS][*at % PENALTY_WAYS];
    (*at)++;
    if (!is_over(e, now)) return e;
  }
  return 0;
}

size_t penalty_forget(struct penalty *p, struct network const *name, time_t now)
{
  size_t count = 0, at = 0;
  for (struct penalty_entry *e; (e = penalty_next(p, &at, now));) {
    if (name && !network_has(name, &e->net)) continue;
    count++;
    e->failures = 0;
  }
  return count;
}
