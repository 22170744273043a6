#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "delivery_wire.h"
#include "log_text.h"
#include "send_log.h"

enum { PAUSE = 10 };    /* seconds */

static int log_fd;

void log_to(int fd)
{
  log_fd = fd;
}

void log_line(char const *format, ...)
{
  static char line[LOG_LINE_MAX];
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(line, sizeof line - 1, format, arguments);
  va_end(arguments);
  size_t len = n < 0 ? 0 : (size_t)n > sizeof line - 2 ? sizeof line - 2 : (size_t)n;
  line[len++] = '\n';
  int e = errno;
  allwrite(log_fd, line, len);
  errno = e;
}

char const *log_safe(char const *s, size_t len)
{
  static stralloc safe = STRALLOC_ZERO;
  safe.len = 0;
  if (!log_text(&safe, s, len, WIRE_REPORT_MAX) || !stralloc_0(&safe)) return "...";
  return safe.s;
}

void wait_for_memory(void)
{
  log_line("alert: out of memory, sleeping...");
  sleep(PAUSE);
}
