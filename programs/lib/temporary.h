/* temporary: which errors of the system pass by themselves. */

#ifndef MAILTREE_TEMPORARY_H
#define MAILTREE_TEMPORARY_H

#include <stdbool.h>

/* True for trouble that trying again may cure: memory, descriptors, disk space, quota, input/output,
   network. False for facts about names and rights (ENOENT, EACCES, ENOTDIR, ELOOP, ...). */
bool temporary(int error);

#endif
