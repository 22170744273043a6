/* report: what there is to tell of a queued message, for those who list the queue. The working directory is
   HOME/queue. */

#ifndef MAILTREE_REPORT_H
#define MAILTREE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "queue_message.h"

struct report {
  struct queue_message message;       /* closed again */
  stralloc envelope;
  char const *sender;
  bool bouncing;                      /* failures are noted */
  stralloc deferrals;                 /* as in their file (deferral.h), by report_deferrals */
};

/* All of it; errno with QUEUE_TROUBLE. A message on its way in is QUEUE_UNFINISHED, one on its way out QUEUE_ABSENT. */
enum queue_read_result report_load(struct report *r, uint64_t id);

/* Reads why recipients wait; nothing when there is nothing to read. */
void report_deferrals(struct report *r);

/* Calls back for each number in mess/. Null, or the directory that cannot be read, with errno. */
char const *report_each(void (*use)(uint64_t id));

#endif
