/* helpers: qmail-store-NAME for each database that control/usersbackend names: the programs that alone are linked with its
   library. */

#ifndef MAILTREE_VDOMAINS_HELPERS_H
#define MAILTREE_VDOMAINS_HELPERS_H

#include <stddef.h>

/* Reads which there are, and how many. Ends the program when that cannot be told. Working directory HOME. */
size_t helpers_read(void);

/* Becomes one of them. */
_Noreturn void helper_run(size_t which);

/* What who asks about users gives up, for confine: any socket, unless there is a helper to ask. */
unsigned helpers_calls(void);

#endif
