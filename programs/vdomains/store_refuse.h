/* store_refuse: why a back end did not do it, as the commands say it. */

#ifndef MAILTREE_VDOMAINS_STORE_REFUSE_H
#define MAILTREE_VDOMAINS_STORE_REFUSE_H

#include "store.h"
#include "vcode.h"

/* The result as a code, and trouble told on descriptor 2 with errno. */
enum vcode store_code(enum store_result result, char const *domain);

/* Ends the program; the result is not STORE_DONE. Trouble is told with errno and the domain on descriptor 2. */
_Noreturn void store_refuse(enum store_result result, char const *domain);

/* Ends the program when nothing of these users is ever changed here; for who would change something else first. */
void store_refuse_read_only(struct store_domain const *domain);

#endif
