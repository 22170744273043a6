/* user_move: homes of a virtual domain go to other directories of it, many in one change.

   Mail that comes meanwhile waits, and is never put where nobody finds it:
     1. .moving        whose homes go where, on disk
     2. each new place is a symbolic link, which nobody follows
     3. the records change, all in one, on disk: it is decided
     4. each home and its link change names; the links, which have the old names now, go; .moving goes
   under the lock of home_place.h. A kill or a power cut before 3 leaves all as it was; one after it leaves what the next
   command that adds, removes, renames or moves users of the domain finishes first. */

#ifndef MAILTREE_VDOMAINS_USER_MOVE_H
#define MAILTREE_VDOMAINS_USER_MOVE_H

#include <stdbool.h>

#include "dir_control.h"
#include "store.h"
#include "vcode.h"

struct user_move {
  struct field name, dir;       /* his, as the record has it */
  char slot[DIR_CONTROL_DIR];   /* where he will be */
  bool is_stuck;                /* afterwards: something else has his name there, and he stays */
};

/* Finishes what an earlier one left. In the domain's directory, whose path this is, as its owner; so for both. Ends the
   program when it cannot. */
void user_move_finish(struct store_domain const *domain, char const *path);

/* Who holds the lock of home_place.h moves so many, whose records he has read under it. */
enum vcode user_move_many(struct store_domain const *domain, char const *path, struct user_move *moves, size_t count);

#endif
