#include <string.h>

#include "serial_result.h"

/* A text may hold what it likes but a newline. */
long serial_result_read(struct serial_result *r, char const *s, size_t len)
{
  char const *nul = len ? memchr(s, 0, len) : 0;
  if (!nul) return len >= SERIAL_RESULT_MAX ? -1 : 0;
  size_t status = (size_t)(nul - s) + 1;
  if (status < len && (!s[status] || !strchr("KZD", s[status]))) return -1;
  char const *end = status < len ? memchr(s + status, '\n', len - status) : 0;
  if (!end) return len >= SERIAL_RESULT_MAX ? -1 : 0;
  *r = (struct serial_result){ s, s[status], { s + status + 1, (size_t)(end - s) - status - 1 } };
  return end - s + 1;
}
