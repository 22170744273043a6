#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "warm_log.h"

enum { LINE_MAX = 512 };

void warm_log(char const *format, ...)
{
  char line[LINE_MAX];
  va_list words;
  int n = snprintf(line, sizeof line, "tcpserver: ");
  va_start(words, format);
  n += vsnprintf(line + n, sizeof line - (size_t)n, format, words);
  va_end(words);
  if (n > LINE_MAX - 1) n = LINE_MAX - 1;
  line[n] = '\n';
  ssize_t written = write(2, line, (size_t)n + 1);
  (void)written;        /* whom to tell? */
}
