/* setup_check: what is wrong with a database, and what to do about it, for vsetup-sql. */

#ifndef MAILTREE_SQLSTORE_SETUP_CHECK_H
#define MAILTREE_SQLSTORE_SETUP_CHECK_H

#include "sql.h"

#define SETUP_CHECK "check"         /* the word on the command line of a helper that asks for it */

/* Says each complaint on descriptor 1 in a line, what is wrong and what to do with a tab between them. How the program ends:
   0, or 1 when there are any. */
int setup_check(struct sql const *sql);

#endif
