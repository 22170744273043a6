#include "window.h"

static struct window at(struct window const *w, uint64_t t, uint32_t seconds)
{
  uint32_t period = (uint32_t)(t / seconds);
  if (period == w->period || period + 1 == w->period) return *w;
  return (struct window){ period, 0, period == w->period + 1 ? w->now : 0 };
}

/* The part of n that is left when so many seconds of the next period are over, rounded up. */
static uint32_t left(uint32_t n, uint32_t over, uint32_t seconds)
{
  return (uint32_t)(((uint64_t)n * (seconds - over) + seconds - 1) / seconds);
}

static uint32_t sum(uint32_t a, uint32_t b)
{
  return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* A clock a little behind its last period is at that one's beginning. */
static uint32_t seconds_over(struct window const *w, uint64_t t, uint32_t seconds)
{
  return t / seconds < w->period ? 0 : (uint32_t)(t % seconds);
}

uint32_t window_count(struct window const *w, uint64_t t, uint32_t seconds)
{
  struct window const n = at(w, t, seconds);
  return sum(n.now, left(n.before, seconds_over(&n, t, seconds), seconds));
}

void window_add(struct window *w, uint64_t t, uint32_t seconds, uint32_t n)
{
  *w = at(w, t, seconds);
  w->now = sum(w->now, n);
}

void window_take_back(struct window *w, uint64_t t, uint32_t seconds, uint32_t n)
{
  *w = at(w, t, seconds);
  uint32_t of_now = n < w->now ? n : w->now, of_before = n - of_now;
  w->now -= of_now;
  w->before -= of_before < w->before ? of_before : w->before;
}

/* The first second of a period in which no more than room is left of n. */
static uint32_t first_second(uint32_t n, uint32_t room, uint32_t seconds)
{
  if (n <= room) return 0;
  return (uint32_t)(seconds - (uint64_t)room * seconds / n);
}

uint32_t window_wait(struct window const *w, uint64_t t, uint32_t seconds, uint32_t n, uint32_t most)
{
  struct window const x = at(w, t, seconds);
  uint32_t over = seconds_over(&x, t, seconds), room;
  if (n > most) n = most;
  if (x.now <= most - n) {
    room = first_second(x.before, most - n - x.now, seconds);
    return room > over ? room - over : 0;
  }
  return seconds - over + first_second(x.now, most - n, seconds);
}
