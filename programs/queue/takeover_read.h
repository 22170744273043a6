/* takeover_read: read files below the queue as root, though their owners are not trusted with root's eyes.

   Every function ends the program with 111 when the system fails it; the path is for that message. */

#ifndef MAILTREE_TAKEOVER_READ_H
#define MAILTREE_TAKEOVER_READ_H

#include <stddef.h>
#include <sys/stat.h>

enum { OLD_BLOCK = 65536 };

/* Opens a regular file; no symbolic link is followed, not even in the directories on the way. */
int old_open(char const *path);

struct stat old_stat(int fd, char const *path);

/* At most OLD_BLOCK bytes; 0 at the end. */
size_t old_read(int fd, char *block, char const *path);

#endif
