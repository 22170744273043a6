/* spare_pool: how many files are spare (queue_spare.h): as many as the load of the last minute had use for, and none on an idle machine. For
   qmail-clean. */

#ifndef MAILTREE_SPARE_POOL_H
#define MAILTREE_SPARE_POOL_H

#include <stdbool.h>
#include <stdint.h>

/* Makes and opens the FIFOs, as far as that can be done; without one there are no spare files of its size. */
void spare_pool_begin(void);

/* Ends the message that is done, and keeps its file where there is use for it. False: its file is to be removed. */
bool spare_pool_keep(uint64_t id);

/* Milliseconds until spare_pool_tend wants to be called; -1: not before something is kept. */
int spare_pool_wait(void);

/* Removes those that nobody wanted lately, and all where the disk is nearly full. */
void spare_pool_tend(void);

/* Removes all. */
void spare_pool_end(void);

#endif
