/* local_memory: qmail-local bounds its own memory, so that a bug cannot ask for all of it (CVE-2005-1513). What it
   starts is not bound. */

#ifndef MAILTREE_LOCAL_MEMORY_H
#define MAILTREE_LOCAL_MEMORY_H

void memory_limit(void);

/* Puts back the limit as it was found; async-signal-safe, for children too. */
void memory_unlimit(void);

#endif
