/* made_directory: a directory that a list needs is there, and stays there when the power goes. */

#ifndef MAILTREE_MADE_DIRECTORY_H
#define MAILTREE_MADE_DIRECTORY_H

#include <stdbool.h>

/* path lies in above. False with errno. */
bool made_directory(char const *path, char const *above);

/* What was made, named or removed in it is on disk. False with errno. */
bool directory_synced(char const *path);

#endif
