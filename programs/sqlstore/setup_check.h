/* setup_check: what is wrong with a database, and what to do about it, for vsetup-sql. */

#ifndef MAILTREE_SQLSTORE_SETUP_CHECK_H
#define MAILTREE_SQLSTORE_SETUP_CHECK_H

#include "sql_users.h"

/* As check of struct helper. */
int setup_check(struct sql_users const *users);

#endif
