#include <errno.h>
#include <unistd.h>

#include "loop.h"

static void next_line(struct loop_scan *scan)
{
  scan->column = 0;
  scan->same = true;
}

void loop_scan_begin(struct loop_scan *scan, char const *line, size_t line_len)
{
  *scan = (struct loop_scan){ .line = line, .line_len = line_len };
  next_line(scan);
}

static char folded(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool are_same(struct loop_scan const *scan, char a, char b)
{
  return a == b || (scan->any_case && folded(a) == folded(b));
}

static void see(struct loop_scan *scan, char c)
{
  if (c == '\n' && scan->column == 0) {
    scan->over = true;
    return;
  }
  if (scan->column >= scan->line_len || !are_same(scan, scan->line[scan->column], c)) scan->same = false;
  scan->column++;
  if (c != '\n') return;
  scan->found = scan->over = scan->same && scan->column == scan->line_len;
  next_line(scan);
}

void loop_scan_feed(struct loop_scan *scan, char const *s, size_t len)
{
  for (size_t i = 0; i < len && !scan->over; i++) see(scan, s[i]);
}

int loop_scan_file(struct loop_scan *scan, int fd)
{
  static char block[8192];
  for (off_t at = 0; !scan->over;) {
    ssize_t r = pread(fd, block, sizeof block, at);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) return -1;
    if (r == 0) break;
    loop_scan_feed(scan, block, (size_t)r);
    at += r;
  }
  return scan->found;
}
