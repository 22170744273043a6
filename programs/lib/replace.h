/* replace: a file changes as a whole. Whatever fails, and whenever the power goes, there is the old one or the new one.

     struct replacement r = REPLACEMENT_ZERO;
     if (!replace_begin(&r, "users/cdb", "users/cdb.tmp", 0644)) replace_die(&r);
     if (!replace_write(&r, text, len)) replace_die(&r);
     if (!replace_commit(&r)) replace_die(&r);

   The new file is written aside, in the same directory, with its mode and owner from the first byte; then it is on
   disk; then it has the name; then the name is on disk. What an earlier run left aside goes. Who may be two at once holds a
   lock (lock.h), or gives each a name of its own. */

#ifndef MAILTREE_REPLACE_H
#define MAILTREE_REPLACE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct replacement {
  int fd;                           /* to write to; -1 when there is nothing aside */
  int directory;
  int below;                        /* what both names are relative to */
  char const *path, *aside;         /* the caller's, until the end */
  char const *doing, *what;         /* after a failure: "write ", "users/cdb.tmp" */
};
#define REPLACEMENT_ZERO { .fd = -1, .directory = -1, .below = AT_FDCWD, .doing = "", .what = "" }

/* Each returns false with errno when it failed, and then there is nothing aside any more. */
bool replace_begin(struct replacement *r, char const *path, char const *aside, mode_t mode);

/* The same of a name in a directory that is held open. */
bool replace_begin_in(struct replacement *r, int directory, char const *name, char const *aside, mode_t mode);

bool replace_owner(struct replacement *r, uid_t uid, gid_t gid);
bool replace_write(struct replacement *r, char const *s, size_t len);

/* False, too, when the new file has its name and nobody knows whether the disk has heard of it. */
bool replace_commit(struct replacement *r);

/* The two halves of a commit, for files that must change together: all of it on disk, without its name; and its name. */
bool replace_settle(struct replacement *r);
bool replace_name(struct replacement *r);

/* Ends it with the new file aside, for who names it later. */
void replace_leave(struct replacement *r);

/* The file stays as it was. At any time, also when there is nothing to forget; errno is kept. */
void replace_forget(struct replacement *r);

/* "PROG: fatal: unable to write users/cdb.tmp: reason", exit 111, and nothing aside. */
_Noreturn void replace_die(struct replacement *r);

#endif
