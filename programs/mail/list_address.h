/* list_address: the addresses of a mailing list whose mail its manager reads, so that who answers at RCPT knows them. Pure.

   Those for which a list has files of their own (L-owner, L-return-..., L-accept-...) are found as files are. */

#ifndef MAILTREE_LIST_ADDRESS_H
#define MAILTREE_LIST_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the manager knows what to do with L-REST. It would answer anything else with help, to whoever sent it. */
bool list_address_known(char const *rest, size_t len);

/* Whether a .qmail file that is a link to this target, and has this name, is that of a manager. *stem is how much of the name stands
   before "default". */
bool list_address_is_manager(char const *name, char const *target, size_t len, size_t *stem);

#endif
