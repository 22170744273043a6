/* forward_table: the table of addresses that fastforward obeys, a cdb (setforward(1)), and the lists it names. Pure,
   but for the one that reads a file.

   Keys are in lower case: ":joe@example.net" has the instructions of an address, each with a NUL behind it, "?joe@example.net"
   the sender that copies get. ":@example.net" and ":joe@" are of all addresses there, and of joe wherever. */

#ifndef MAILTREE_FORWARD_TABLE_H
#define MAILTREE_FORWARD_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

enum { FORWARD_ADDRESS_MAX = 899 };     /* bytes of an address in it; a longer one does not count */

enum forward_record { FORWARD_INSTRUCTIONS = ':', FORWARD_OWNER = '?' };

/* The record of exactly this address. 1, 0 when there is none, -1 with errno: EPROTO when the table is damaged. */
int forward_table_find(struct field *value, struct field table, enum forward_record kind, struct field address);

/* The same of an address that mail comes for: of itself, else of all at its host, else of its name wherever. */
int forward_table_find_any(struct field *value, struct field table, enum forward_record kind, struct field address);

/* Whether there are instructions for an address that mail comes for, of a table in an open file that somebody may be changing. 1, 0, or
   -1 with errno: nobody can tell, EPROTO also where they have more than a MiB. */
int forward_table_knows(int fd, struct field address);

/* The entry at *at of a list or of instructions, which moves behind it and its NUL. False at the end, and of what has no NUL. */
bool forward_entry_next(struct field *entry, struct field all, size_t *at);

/* What is wrong with an entry of a list, or null. */
char const *forward_list_fault(struct field entry);

#endif
