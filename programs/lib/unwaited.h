/* unwaited: a line for a log that may stand still, because its disk is full or its reader stopped. For those who owe
   somebody else an answer: the line is lost rather than waited for. */

#ifndef MAILTREE_UNWAITED_H
#define MAILTREE_UNWAITED_H

#include <stdbool.h>
#include <stddef.h>

enum { UNWAITED_MAX = 4096 };       /* bytes; a pipe that takes any takes these */

/* Whether a line of at most UNWAITED_MAX bytes can be written at once. */
bool unwaited_ready(int fd);

/* errno is kept. */
void unwaited_write(int fd, char const *s, size_t len);

/* "PROG: fatal: unable to DO: reason of errno" on descriptor 2. */
void unwaited_fatal(char const *what);

#endif
