#include "send_schedule.h"

enum {
  LIFETIME_USUAL = 604800,    /* seconds */
  IDLE = 86400
};

static uint64_t const step[CHANNELS] = { [CHANNEL_LOCAL] = 10, [CHANNEL_REMOTE] = 20 };

uint64_t schedule_root(uint64_t n)
{
  uint64_t root = 0;
  for (uint64_t bit = (uint64_t)1 << 31; bit; bit >>= 1)
    if ((root + bit) * (root + bit) <= n) root += bit;
  return root;
}

uint64_t schedule_next(uint64_t birth, uint64_t start, enum channel channel)
{
  uint64_t age = start > birth ? start - birth : 0;
  uint64_t wait = schedule_root(age) + step[channel];
  uint64_t next;
  if (__builtin_mul_overflow(wait, wait, &wait) || __builtin_add_overflow(birth, wait, &next)
      || next >= SCHEDULE_NEVER) return SCHEDULE_NEVER - 1;
  return next;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

uint64_t schedule_next_by(uint64_t birth, uint64_t start, uint64_t first, uint64_t longest)
{
  uint64_t age = start > birth ? start - birth : 0, root = schedule_root(age);
  uint64_t wait = root * root + 2 * root * schedule_root(first) + first, next, latest;
  if (__builtin_add_overflow(birth, wait, &next) || wait < age) next = SCHEDULE_NEVER - 1;
  if (__builtin_add_overflow(start, longest, &latest)) latest = SCHEDULE_NEVER - 1;
  return lesser(lesser(next, latest), SCHEDULE_NEVER - 1);
}

static uint64_t greater(uint64_t a, uint64_t b)
{
  return a > b ? a : b;
}

/* Steps grow with the age, and a lifetime may have been longer once. */
static uint64_t oldest_root(uint64_t birth, uint64_t now, uint64_t lifetime)
{
  return schedule_root(greater(greater(now > birth ? now - birth : 0, lifetime), LIFETIME_USUAL));
}

uint64_t schedule_longest(uint64_t birth, uint64_t now, uint64_t lifetime, enum channel channel)
{
  return (2 * oldest_root(birth, now, lifetime) + step[channel]) * step[channel];
}

uint64_t schedule_longest_by(uint64_t birth, uint64_t now, uint64_t lifetime, uint64_t first)
{
  return 2 * oldest_root(birth, now, lifetime) * schedule_root(first) + first;
}

uint64_t schedule_birth(uint64_t birth, uint64_t latest, uint64_t now)
{
  uint64_t known = greater(birth, latest);
  if (birth > now) return now;
  return known < now && now - known >= IDLE ? birth + (now - known) : birth;
}

bool schedule_last(uint64_t birth, uint64_t start, uint64_t lifetime)
{
  uint64_t end;
  return !__builtin_add_overflow(birth, lifetime, &end) && start > end;
}
