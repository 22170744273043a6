#include <string.h>

#include <skalibs/sha256.h>

#include "usage.h"

/* ---- names ---- */

static size_t lowered(char to[LIMIT_NAME_MAX], struct field name)
{
  for (size_t i = 0; i < name.len; i++) to[i] = (char)(name.s[i] >= 'A' && name.s[i] <= 'Z' ? name.s[i] + 'a' - 'A' : name.s[i]);
  return name.len;
}

static uint64_t mark_of(struct usages const *all, struct field name)
{
  SHA256Schedule work = SHA256_INIT();
  char digest[32];
  uint64_t mark;
  sha256_update(&work, all->key, sizeof all->key);
  sha256_update(&work, name.s, name.len);
  sha256_final(&work, digest);
  memcpy(&mark, digest, sizeof mark);
  return mark ? mark : 1;
}

static bool is_name(struct field name)
{
  return name.len && name.len <= LIMIT_NAME_MAX;
}

static struct usage *find_marked(struct usage *set, uint64_t mark, struct field name)
{
  for (size_t i = 0; i < USAGE_WAYS; i++)
    if (set[i].mark == mark && set[i].name_len == name.len && !memcmp(set[i].name, name.s, name.len)) return set + i;
  return 0;
}

struct usage *usage_find(struct usages *all, enum limit_subject subject, struct field name)
{
  char small[LIMIT_NAME_MAX];
  if (!is_name(name)) return 0;
  struct field const n = { small, lowered(small, name) };
  uint64_t mark = mark_of(all, n);
  return find_marked(all->entries[subject][mark % USAGE_SETS], mark, n);
}

/* ---- places ---- */

static uint32_t sum_of_day(struct usage const *u, uint64_t t)
{
  uint32_t most = 0;
  for (int w = 0; u->mark && w < LIMIT_WHATS; w++) {
    uint32_t n = window_count(&u->windows[w][LIMIT_DAY], t, limit_seconds[LIMIT_DAY]);
    if (n > most) most = n;
  }
  return most;
}

bool usage_is_idle(struct usage const *u, uint64_t t)
{
  return !sum_of_day(u, t);
}

struct usage *usage_find_or_make(struct usages *all, enum limit_subject subject, struct field name, uint64_t t)
{
  char small[LIMIT_NAME_MAX];
  if (!is_name(name)) return 0;
  struct field const n = { small, lowered(small, name) };
  uint64_t mark = mark_of(all, n);
  struct usage *set = all->entries[subject][mark % USAGE_SETS], *least = set, *found = find_marked(set, mark, n);
  if (found) return found;
  for (size_t i = 1; i < USAGE_WAYS; i++)
    if (sum_of_day(set + i, t) < sum_of_day(least, t)) least = set + i;
  all->is_used[subject][mark % USAGE_SETS] = true;
  *least = (struct usage){ .mark = mark, .name_len = (uint8_t)n.len };
  memcpy(least->name, n.s, n.len);
  return least;
}

struct usage *usage_next(struct usages *all, enum limit_subject *subject, size_t *at)
{
  enum { EACH = USAGE_SETS * USAGE_WAYS };
  for (size_t set; *at < LIMIT_SUBJECTS * EACH; *at += all->is_used[*subject][set] ? 1 : USAGE_WAYS) {
    *subject = (enum limit_subject)(*at / EACH);
    set = *at % EACH / USAGE_WAYS;
    struct usage *u = &all->entries[*subject][set][*at % USAGE_WAYS];
    if (!all->is_used[*subject][set] || !u->mark) continue;
    (*at)++;
    return u;
  }
  return 0;
}

/* ---- counting ---- */

void usage_add(struct usage *u, enum limit_what what, uint64_t t, uint32_t n)
{
  for (int p = 0; p < LIMIT_PERIODS; p++) window_add(&u->windows[what][p], t, limit_seconds[p], n);
}

void usage_take_back(struct usage *u, enum limit_what what, uint64_t t, uint32_t n)
{
  for (int p = 0; p < LIMIT_PERIODS; p++) window_take_back(&u->windows[what][p], t, limit_seconds[p], n);
}

uint32_t usage_room(struct usage const *u, struct limits const *l, enum limit_what what, uint64_t t)
{
  uint32_t room = LIMIT_ALL;
  for (int p = 0; p < LIMIT_PERIODS; p++) {
    uint32_t most = l->most[what][p], n = window_count(&u->windows[what][p], t, limit_seconds[p]);
    if (most && n >= most) return 0;
    if (most && most - n < room) room = most - n;
  }
  return room;
}

uint32_t usage_wait(struct usage const *u, struct limits const *l, enum limit_what what, uint64_t t, uint32_t n,
                    enum limit_period *period)
{
  uint32_t longest = 0;
  for (int p = 0; p < LIMIT_PERIODS; p++) {
    uint32_t most = l->most[what][p];
    uint32_t wait = most ? window_wait(&u->windows[what][p], t, limit_seconds[p], n, most) : 0;
    if (wait > longest) {
      longest = wait;
      *period = (enum limit_period)p;
    }
  }
  return longest;
}
