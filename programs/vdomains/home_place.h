/* home_place: where in its directory a domain has the home of a user, and the lock under which homes come, go and move. As
   the owner of the domain. */

#ifndef MAILTREE_VDOMAINS_HOME_PLACE_H
#define MAILTREE_VDOMAINS_HOME_PLACE_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "dir_control.h"
#include "store.h"

struct home_place {
  char slot[DIR_CONTROL_DIR];   /* "0/z"; empty: the domain's directory itself */
  stralloc name;                /* the user's, with an uncounted NUL */
};
#define HOME_PLACE_ZERO { .slot = "", .name = STRALLOC_ZERO }

/* Only what stands where this domain, whose directory has that path, makes a home for that user can be taken for one. */
bool home_place_find(struct home_place *place, char const *path, struct vpasswd const *record);

/* Opens the directory in which it stands. -1, errno ENOENT: it is gone. Else it ends the program when it cannot. */
int home_place_open(struct home_place const *place, int directory);

/* The lock; it ends with its descriptor. Ends the program when it cannot be had. */
int home_place_lock(int directory);

/* A note in the domain's directory, of what is about to be done to a home: a line of vpasswd. Each ends the program when it
   cannot; reading is false for what is no whole note, which was never decided. */
void home_note_write(int directory, char const *file, struct vpasswd const *note);
bool home_note_read(int directory, char const *file, struct vpasswd *note, stralloc *space);
void home_note_remove(int directory, char const *file);
bool home_note_is_there(int directory, char const *file);

/* Whether there is such a user; ends the program when that cannot be told. */
bool home_user_is_known(struct store_domain const *domain, struct field name);

/* "unable to DO WHAT" and the refusal. */
_Noreturn void home_trouble(char const *doing, char const *what);

#endif
