#include <stdio.h>
#include <string.h>

#include "patience.h"

void patience_begin(struct patience *p, char const *message, int64_t now)
{
  if (!strncmp(message, p->last, PATIENCE_NAME_MAX)) return;
  snprintf(p->last, sizeof p->last, "%s", message);
  p->gap = now - p->begun;
  p->begun = now;
}

void patience_learn(struct patience *p, int64_t work)
{
  p->work = work;
}

uint32_t patience_us(struct patience const *p)
{
  if (p->gap > PATIENCE_MAX_US || p->gap > PATIENCE_WORTH * p->work) return 0;
  return (uint32_t)p->gap;
}
