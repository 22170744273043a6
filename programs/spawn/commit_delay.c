#include <stdio.h>
#include <string.h>

#include "commit_delay.h"

void commit_delay_begin(struct commit_delay *d, char const *message, int64_t now)
{
  if (!strncmp(message, d->last, COMMIT_DELAY_NAME_MAX)) return;
  snprintf(d->last, sizeof d->last, "%s", message);
  d->gap = now - d->begun;
  d->begun = now;
}

void commit_delay_learn(struct commit_delay *d, int64_t work)
{
  d->work = work;
}

uint32_t commit_delay_now(struct commit_delay const *d)
{
  if (d->gap > COMMIT_DELAY_MAX_US || d->gap > COMMIT_DELAY_WORTH * d->work) return 0;
  return (uint32_t)d->gap;
}
