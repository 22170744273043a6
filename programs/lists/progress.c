#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "monotonic.h"
#include "progress.h"

enum { EACH_MS = 250 };

static bool shown = false;

void progress(uint64_t number, uint64_t of)
{
  static int64_t next = 0;
  static int is_terminal = -1;
  char line[80];
  if (is_terminal == -1) is_terminal = isatty(2);
  if (!is_terminal || monotonic_ms() < next) return;
  next = monotonic_ms() + EACH_MS;
  int len = of ? snprintf(line, sizeof line, "\r%llu of %llu", (unsigned long long)number, (unsigned long long)of)
               : snprintf(line, sizeof line, "\r%llu", (unsigned long long)number);
  shown = write(2, line, (size_t)len) > 0;
}

void progress_end(void)
{
  if (shown && write(2, "\n", 1) == 1) shown = false;
}
