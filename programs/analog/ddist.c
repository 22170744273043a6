#include <stdio.h>
#include <stdlib.h>

#include "ddist.h"
#include "memory.h"
#include "text.h"

enum { FIRST = 10, LAST = 100 };

static struct { double *of; size_t count, room; } delays;

void ddist_count(struct record const *r)
{
  if (r->kind != RECORD_DELIVERY || r->result != ATTEMPT_SUCCESS) return;
  if (delays.count == delays.room) {
    delays.room = delays.room ? 2 * delays.room : 1024;
    delays.of = memory_resized(delays.of, delays.room, sizeof *delays.of);
  }
  delays.of[delays.count++] = record_seconds(r->birth, r->done);
}

static int compare(void const *a, void const *b)
{
  double one = *(double const *)a, other = *(double const *)b;
  return one < other ? -1 : one > other;
}

static void add_row(stralloc *to, double doneby, double average, size_t percent)
{
  char text[900];       /* of any two doubles */
  text_addb(to, text, (size_t)snprintf(text, sizeof text, "%.2f %.2f %zu\n", doneby, average, percent));
}

/* Of equal delays the last one is the step; of the steps of one percentage, too. */
void ddist_rows(stralloc *to)
{
  double sum = 0;
  if (delays.count) qsort(delays.of, delays.count, sizeof *delays.of, compare);
  for (size_t i = 0; i < delays.count; i++) {
    sum += delays.of[i];
    if (i + 1 < delays.count && delays.of[i + 1] == delays.of[i]) continue;
    size_t percent = 100 * (i + 1) / delays.count, next = i + 1;
    while (next + 1 < delays.count && delays.of[next + 1] == delays.of[next]) next++;
    bool last = next >= delays.count || 100 * (next + 1) / delays.count != percent;
    if (percent >= FIRST && last) add_row(to, delays.of[i], sum / (double)(i + 1), percent);
  }
}
