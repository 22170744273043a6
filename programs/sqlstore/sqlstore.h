/* sqlstore: what all helpers of SQL servers are: they know users by the library of their server. */

#ifndef MAILTREE_SQLSTORE_SQLSTORE_H
#define MAILTREE_SQLSTORE_SQLSTORE_H

#include "confine.h"
#include "sql_users.h"

/* As helper_main. */
int sqlstore_main(int argc, char const *const *argv, struct sql_users const *users, struct confinement const *confinement);

#endif
