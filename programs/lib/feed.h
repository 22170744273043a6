/* feed: a program gets what comes on descriptor 0, behind a text of ours. */

#ifndef MAILTREE_FEED_H
#define MAILTREE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Writes the text and all that comes to fd, which the process pid reads, and closes it. Who stops reading early has had enough;
   his exit code tells whether that was right. False with errno when our own input fails: he is killed then, and does not take half
   a message for a whole one. The caller ignores SIGPIPE. */
bool feed(int fd, pid_t pid, char const *head, size_t len);

#endif
