/* monotonic: a clock that nobody sets (clock_gettime(2), CLOCK_MONOTONIC), for waiting and for the age of things. */

#ifndef MAILTREE_MONOTONIC_H
#define MAILTREE_MONOTONIC_H

#include <stdint.h>
#include <time.h>

int64_t monotonic_us(void);         /* microseconds */
int64_t monotonic_ms(void);         /* milliseconds */
time_t monotonic_seconds(void);

#endif
