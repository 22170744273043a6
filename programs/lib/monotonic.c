#include "monotonic.h"

static struct timespec now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t;
}

int64_t monotonic_us(void)
{
  struct timespec t = now();
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t monotonic_ms(void)
{
  return monotonic_us() / 1000;
}

time_t monotonic_seconds(void)
{
  return now().tv_sec;
}
