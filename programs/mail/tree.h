/* tree: directories of virtual domains as root handles them. They lie below directories that somebody else may write: no
   name there is followed if it is a symbolic link, and what was opened is what is changed. */

#ifndef MAILTREE_TREE_H
#define MAILTREE_TREE_H

#include <stdbool.h>
#include <sys/types.h>

enum { TREE_DEPTH_MAX = 100 };    /* levels that are removed; deeper ones are nobody's mail */

/* Opens the directory of an absolute path. A symbolic link counts only where nobody but root can make one, else ELOOP.
   -1 with errno. */
int tree_open(char const *path);

/* Opens the directory in which the absolute path has its last name; *name is that name, inside path. -1 with errno. */
int tree_open_parent(char const *path, char const **name);

/* Opens what a caller has named. For root a symbolic link counts as tree_open says, and so does a file that has another name as
   well, else EMLINK: it may be somebody else's. -1 with errno. */
int tree_open_given(char const *path, int flags);

/* Opens one directory below another ("0/z"; "" is parent itself), each level as tree_enter does. */
int tree_enter_path(int parent, char const *path, mode_t mode);

/* Makes the directory, durable with its name, with this owner and mode from the moment others can see into it. Returns
   its descriptor, or -1 with errno. */
int tree_make(int parent, char const *name, uid_t uid, gid_t gid, mode_t mode);

/* Opens the directory; where it is not there it is made first, and given to the owner of parent; what is root's then lets pass
   whom parent lets pass. Its descriptor, or -1 with errno. */
int tree_enter(int parent, char const *name, mode_t mode);

/* Gives a directory another name beside it, durably. True as well when it has it already. False with errno, EEXIST when
   both names are there. */
bool tree_move(char const *path, char const *name);

/* Gives a directory another path on the same file system, durably. True as well when it is not there. False with errno, EEXIST
   when both are there. */
bool tree_carry(char const *from, char const *to);

/* Removes what has the name, a directory with all that is in it, a symbolic link itself. True as well when there is
   nothing. False with errno. */
bool tree_remove(int parent, char const *name);

#endif
