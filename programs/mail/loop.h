/* loop: has this message been here before? qmail-local(8), vdelivermail(8). */

#ifndef MAILTREE_LOOP_H
#define MAILTREE_LOOP_H

#include <stdbool.h>
#include <stddef.h>

/* Looks for a line in a header that comes in pieces, in constant memory whatever the lengths of its lines. */
struct loop_scan {
  char const *line;       /* with its newline */
  size_t line_len;
  bool any_case;          /* letters of either case are the same; set it after loop_scan_begin */
  size_t column;          /* bytes of the present line seen */
  bool same;              /* so far they are those of line */
  bool found, over;       /* over: the header has ended, or the line was found */
};

void loop_scan_begin(struct loop_scan *scan, char const *line, size_t line_len);
void loop_scan_feed(struct loop_scan *scan, char const *s, size_t len);

/* Feeds it the message that is a file, from its first byte on. Whether the line was found; -1 with errno. */
int loop_scan_file(struct loop_scan *scan, int fd);

#endif
