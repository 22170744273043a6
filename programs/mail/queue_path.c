#include <inttypes.h>
#include <stdio.h>

#include "queue_path.h"

void queue_path_id(char path[QUEUE_PATH_MAX], uint64_t id)
{
  snprintf(path, QUEUE_PATH_MAX, "%u/%" PRIu64, (unsigned)(id % QUEUE_SPLIT), id);
}

void queue_path_mess(char path[QUEUE_PATH_MAX], uint64_t id)
{
  snprintf(path, QUEUE_PATH_MAX, "mess/%u/%" PRIu64, (unsigned)(id % QUEUE_SPLIT), id);
}

void queue_path_bounce(char path[QUEUE_PATH_MAX], uint64_t id)
{
  snprintf(path, QUEUE_PATH_MAX, "bounce/%" PRIu64, id);
}

bool queue_id_scan(char const *s, size_t len, uint64_t *id)
{
  uint64_t n = 0;
  if (!len || len > 19 || s[0] == '0') return false;
  for (size_t i = 0; i < len; i++) {
    if (s[i] < '0' || s[i] > '9') return false;
    n = 10 * n + (uint64_t)(s[i] - '0');
  }
  if (n > INT64_MAX) return false;
  *id = n;
  return true;
}
