/* send_clock: the time of qmail-send. Everything in its memory goes by a clock that nobody sets: `now` of send.h, which is
   Unix time as long as nobody has set the machine's clock since the start. What stands in files is Unix time. */

#ifndef MAILTREE_SEND_CLOCK_H
#define MAILTREE_SEND_CLOCK_H

#include <stdint.h>

/* Before anything else: sets now. */
void clock_begin(void);

/* Sets now anew; tells the log when the machine's clock was set meanwhile. */
void clock_read(void);

/* A moment in a file, in terms of now; and back. 0 and QUEUE_NEVER are no moments and stay. */
uint64_t clock_from_file(uint64_t moment);
uint64_t clock_to_file(uint64_t moment);

#endif
