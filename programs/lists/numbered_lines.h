/* numbered_lines: a file of lines "NUMBER:...", by number, such as those of archive/threads, subjects and authors: the first may be one
   without a number, its head. However large the file is, a few pieces of it are read. */

#ifndef MAILTREE_NUMBERED_LINES_H
#define MAILTREE_NUMBERED_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

enum { NUMBERED_LINE_MAX = 4096 };

/* Where the first line of that number or a higher one begins, or the file's end. -1 with errno. */
off_t numbered_lines_find(int fd, off_t size, uint64_t number);

struct numbered_lines {
  stralloc head;                    /* without its newline; empty: none */
  stralloc text;                    /* whole lines */
  bool more_before, more_behind;
};

/* The lines around the one of that number, about max bytes of them; all of a file that is not larger. 0: there is none, -1 with errno. */
int numbered_lines_read(struct numbered_lines *to, char const *path, uint64_t around, size_t max);

#endif
