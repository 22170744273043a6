#include <time.h>

#include "queue_plan.h"
#include "send.h"
#include "send_clock.h"
#include "send_log.h"

#define SECOND INT64_C(1000000000)
enum { TOLERANCE = 2 };           /* seconds: less than that is the clock being kept right */

static int64_t difference;        /* of both clocks when the machine's was last set, nanoseconds */
static int64_t set;               /* by so many seconds it was set since the start */

static int64_t nanoseconds(clockid_t clock)
{
  struct timespec t;
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

void clock_begin(void)
{
  int64_t wall = nanoseconds(CLOCK_REALTIME);
  difference = wall - nanoseconds(CLOCK_BOOTTIME);
  now = (uint64_t)(wall / SECOND);
}

/* Whole seconds, so that both clocks go on ticking together. */
static void was_set(int64_t by)
{
  int64_t seconds = (by + (by > 0 ? SECOND : -SECOND) / 2) / SECOND;
  difference += seconds * SECOND;
  set += seconds;
  log_line("warning: the clock was set %s by %lld seconds; what waits is tried when it would have been",
           seconds > 0 ? "ahead" : "back", (long long)(seconds > 0 ? seconds : -seconds));
}

void clock_read(void)
{
  int64_t wall = nanoseconds(CLOCK_REALTIME);
  int64_t by = wall - nanoseconds(CLOCK_BOOTTIME) - difference;
  if (by >= TOLERANCE * SECOND || by <= -TOLERANCE * SECOND) was_set(by);
  now = (uint64_t)(wall / SECOND - set);
}

static uint64_t moved(uint64_t moment, int64_t by)
{
  if (!moment || moment >= QUEUE_NEVER) return moment;
  int64_t there = (int64_t)moment < INT64_MAX - 1 - (by > 0 ? by : 0) ? (int64_t)moment + by : INT64_MAX - 1;
  return there > 0 ? (uint64_t)there : 1;
}

uint64_t clock_from_file(uint64_t moment)
{
  return moved(moment, -set);
}

uint64_t clock_to_file(uint64_t moment)
{
  return moved(moment, set);
}
