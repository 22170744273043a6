/* seen: whether something stands there. */

#ifndef MAILTREE_IMPORT_SEEN_H
#define MAILTREE_IMPORT_SEEN_H

#include <stdbool.h>
#include <sys/stat.h>

/* False is a fact about the name, or about our rights to it. Trouble of this machine ends the program, 111: what is not seen for want of
   a descriptor is not taken for absent. A symbolic link is what it leads to, or for seen_itself a link. */
bool seen(struct stat *st, char const *path);
bool seen_itself(struct stat *st, char const *path);

#endif
