/* keeper: one process of a helper, which nobody asks anything: it makes the snapshot anew now and then, and while the
   database is away it alone tries whether it is back. */

#ifndef MAILTREE_SQLSTORE_KEEPER_H
#define MAILTREE_SQLSTORE_KEEPER_H

#include "snapshot.h"

/* Until TERM. With an age of 0 it keeps none. */
_Noreturn void keeper_run(struct snapshot_rules const *rules);

#endif
