/* home_swap: a home gets another name, in its directory or beside it.

   The new name is a symbolic link first, which nobody follows, so that mail for it waits. When it is decided the two change
   names in one call, and then the link, which has the old name now, goes. Each step done twice is done once; syncing the
   directories in between is left to the caller, who may have many. Each ends the program when it cannot. */

#ifndef MAILTREE_VDOMAINS_HOME_SWAP_H
#define MAILTREE_VDOMAINS_HOME_SWAP_H

#include <stdbool.h>

struct home_end { int parent; char const *name; };

/* False: the name is taken. */
bool home_swap_begin(struct home_end to);

void home_swap_decided(struct home_end from, struct home_end to);

/* Removes what is a link, and nothing else: the old name at the end, the new one of what was not decided. */
void home_swap_unlink(struct home_end end);

#endif
