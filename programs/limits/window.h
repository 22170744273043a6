/* window: how many of something there were in the last minute, hour or day. Two numbers tell it: those of the period that runs and
   of the one before, which counts by the part of it that is younger than a period. So nobody has twice his share where
   one period ends and the next begins, and nothing is kept of each event. Pure. */

#ifndef MAILTREE_LIMITS_WINDOW_H
#define MAILTREE_LIMITS_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct window { uint32_t period, now, before; };        /* the number of the one that runs, since 1970 */

/* t is the time since 1970, seconds the length of a period. A clock that was set back by more than one begins anew. */
uint32_t window_count(struct window const *w, uint64_t t, uint32_t seconds);
void window_add(struct window *w, uint64_t t, uint32_t seconds, uint32_t n);

/* So many of those were none. */
void window_take_back(struct window *w, uint64_t t, uint32_t seconds, uint32_t n);

/* Seconds until n more are within most; 0 when they are now. More than most are never, and wait as long as most do. */
uint32_t window_wait(struct window const *w, uint64_t t, uint32_t seconds, uint32_t n, uint32_t most);

#endif
