/* user_roll: all users of a domain at one time, as text that a child may leave for another. */

#ifndef MAILTREE_VDOMAINS_USER_ROLL_H
#define MAILTREE_VDOMAINS_USER_ROLL_H

#include "store.h"

struct user_roll {
  stralloc text;              /* a line of vpasswd for each, in the order of their names */
  struct vpasswd *all;        /* they lie in text */
  size_t count;
};
#define USER_ROLL_ZERO { STRALLOC_ZERO, 0, 0 }

/* Replaces the roll by the users of the table. */
enum store_result user_roll_read(struct user_roll *roll, struct store_domain const *table);

/* Replaces the roll by what stands in its text. Ends the program without memory. */
void user_roll_parse(struct user_roll *roll);

/* What makes those of one roll those of the other: in order, in memory of its own. How many. */
size_t user_roll_edits(struct store_edit **edits, struct user_roll const *from, struct user_roll const *to);

/* Of these edits, in order, only those of users who in there are as they were in then, or are in neither. How many are left. */
size_t user_roll_unchanged(struct store_edit *edits, size_t count, struct user_roll const *then, struct user_roll const *there);

#endif
