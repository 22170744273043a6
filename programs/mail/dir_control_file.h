/* dir_control_file: dir_control.h in a domain's directory, one at a time, as its owner or as root. */

#ifndef MAILTREE_DIR_CONTROL_FILE_H
#define MAILTREE_DIR_CONTROL_FILE_H

#include <stdbool.h>

#include "dir_control.h"

/* Where the next home goes, which the caller makes when it is not there; on disk. Each is false with errno, EPROTO when
   .dir-control is damaged, EWOULDBLOCK when somebody holds its lock for a minute. */
bool dir_control_take(int directory, char dir[DIR_CONTROL_DIR]);

/* The same for so many homes. */
bool dir_control_take_many(int directory, char (*dirs)[DIR_CONTROL_DIR], size_t count);

/* The home that was there is gone, or has not come to be. */
bool dir_control_give_back(int directory, char const *dir);

/* The next home is that of one user more than so many who have theirs, in order; no directory has a place to give back. */
bool dir_control_renew(int directory, size_t users);

bool dir_control_read(int directory, struct dir_control *c);

#endif
