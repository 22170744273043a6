#include "local_loop.h"

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

static void see(struct loop_scan *scan, char c)
{
  if (c == '\n' && scan->column == 0) {
    scan->over = true;
    return;
  }
  if (scan->column >= scan->line_len || scan->line[scan->column] != c) scan->same = false;
  scan->column++;
  if (c != '\n') return;
  scan->found = scan->over = scan->same && scan->column == scan->line_len;
  next_line(scan);
}

void loop_scan_feed(struct loop_scan *scan, char const *s, size_t len)
{
  for (size_t i = 0; i < len && !scan->over; i++) see(scan, s[i]);
}
