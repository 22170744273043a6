#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "bytes.h"
#include "delivery_wire.h"
#include "log_text.h"
#include "send_log.h"

enum { PAUSE = 10 };    /* seconds */

static int log_fd;
static bool gathering;
static char gathered[PIPE_BUF];         /* a write of this size is not torn by those of a bounce's child */
static size_t gathered_len;

void log_gather(void)
{
  gathering = true;
}

void log_flush(void)
{
  allwrite(log_fd, gathered, gathered_len);
  gathered_len = 0;
}

void log_to(int fd)
{
  log_fd = fd;
  gathering = false;
}

static void put(char const *line, size_t len)
{
  if (len > sizeof gathered - gathered_len) log_flush();
  if (len > sizeof gathered) {
    allwrite(log_fd, line, len);
    return;
  }
  memcpy(gathered + gathered_len, line, len);
  gathered_len += len;
  if (!gathering) log_flush();
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
  put(line, len);
  errno = e;
}

char const *log_safe(char const *s, size_t len)
{
  static stralloc safe = STRALLOC_ZERO;
  safe.len = 0;
  if (!log_text(&safe, s, len, WIRE_REPORT_MAX) || !bytes_end(&safe)) return "...";
  return safe.s;
}

void wait_for_memory(void)
{
  log_line("alert: out of memory, sleeping...");
  log_flush();
  sleep(PAUSE);
}
