/* store_names: the words of control/usersbackend, for who need not know what they stand for. */

#ifndef MAILTREE_STORE_NAMES_H
#define MAILTREE_STORE_NAMES_H

#include <stddef.h>

enum store_kind { STORE_CDB, STORE_SQLITE, STORE_MYSQL, STORE_PGSQL, STORE_LDAP, STORE_KINDS };

/* STORE_KINDS when no store has that name. */
enum store_kind store_kind_of(char const *name, size_t len);

#endif
