/* nsswitch: the order of the name services in a text as nsswitch.conf(5) describes. Pure. */

#ifndef MAILTREE_NSSWITCH_H
#define MAILTREE_NSSWITCH_H

#include <stdbool.h>
#include <stddef.h>

struct nsswitch_service { char const *name; size_t len, line; };

/* The first service of a database ("passwd") that can be down and is listed before the files. While it is, the files
   alone speak, and whom they do not know seems not to exist. False when there is none. */
bool nsswitch_before_files(struct nsswitch_service *found, char const *database, char const *text, size_t len);

#endif
