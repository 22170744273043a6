/* unnamed: files that have no name yet (O_TMPFILE). */

#ifndef MAILTREE_UNNAMED_H
#define MAILTREE_UNNAMED_H

#include <stdbool.h>

/* Gives a file that is open a name, at path as seen from the directory dir (openat). False with errno. */
bool unnamed_link(int fd, int dir, char const *path);

#endif
