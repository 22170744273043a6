/* sqlstore: what all helpers of SQL servers are: a service on a socket of its own, which is asked about users by
   store_wire.h and asks a library.

   The socket is HOME/run/users/NAME. Each worker has a connection of its own. */

#ifndef MAILTREE_SQLSTORE_SQLSTORE_H
#define MAILTREE_SQLSTORE_SQLSTORE_H

#include "confine.h"
#include "sql.h"

/* The life of the program, and how it ends; paths: what it may do in which directories. With the word "check" it is that of
   setup_check.h, of vsetup-sql. */
int sqlstore_main(int argc, char const *const *argv, struct sql const *sql, struct confinement const *confinement);

/* The home of the account vpopmail. Ends the program where there is none. */
char const *sqlstore_home(void);

#endif
