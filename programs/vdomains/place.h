/* place: where a virtual domain lies, by its path alone: BASE/domains[/SLOT]/NAME, as vadddomain makes it. Pure. */

#ifndef MAILTREE_VDOMAINS_PLACE_H
#define MAILTREE_VDOMAINS_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether dir lies below this directory, which has no slash at its end, and is not it. */
bool place_is_below(char const *dir, char const *directory);

/* The length of BASE/domains in dir: up to the last directory of that name in which something lies; 0: there is none. */
size_t place_domains(char const *dir);

#endif
