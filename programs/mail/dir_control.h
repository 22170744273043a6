/* dir_control: in which of its directories a domain keeps the next home, so that none holds many more than a hundred.

   The first 99 homes stand in the domain's directory. Each time the count of users becomes a multiple of 100 the next
   of 0 ... 9 A ... Z a ... z begins, after z 0/0 ... z/z, and then 0/0/0 ... z/z/z. The state is the file .dir-control
   beside them; directories that lost a home are listed in .dir_control_free, and filled first.
   virtual-domains(7). */

#ifndef MAILTREE_DIR_CONTROL_H
#define MAILTREE_DIR_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

enum { DIR_CONTROL_LEVELS = 3, DIR_CONTROL_NAMES = 62, DIR_CONTROL_PER_DIRECTORY = 100 };
enum { DIR_CONTROL_DIR = 2 * DIR_CONTROL_LEVELS };      /* bytes of a directory's name, "z/z/z" and a NUL */

struct dir_control {
  uint32_t users;               /* counted up and down, and not always what it was to count */
  uint32_t level, levels;
  uint32_t first[DIR_CONTROL_LEVELS], last[DIR_CONTROL_LEVELS], mark[DIR_CONTROL_LEVELS], at[DIR_CONTROL_LEVELS];
  char dir[DIR_CONTROL_DIR];    /* of the newest home; empty: the domain's own */
};

void dir_control_fresh(struct dir_control *c);

/* Reads .dir-control; lines that are missing are fresh ones. False, and the number of the line, when it is damaged. */
bool dir_control_parse(struct dir_control *c, size_t *line, char const *s, size_t len);

/* Appends the text of .dir-control. 0 without memory. */
int dir_control_format(stralloc *to, struct dir_control const *c);

/* One user more, whose home goes to c->dir; one less. After the last directory there is no other. */
void dir_control_add(struct dir_control *c);
void dir_control_delete(struct dir_control *c);

/* Whether this is a name that adding makes, but not the empty one. */
bool dir_control_is_dir(char const *s, size_t len);

/* Takes the first name out of the text of .dir_control_free; comments and what is no name stay. False when there is
   none. */
bool dir_control_take_free(stralloc *text, char dir[DIR_CONTROL_DIR]);

/* Adds a name to it, but not the empty one. 0 without memory. */
int dir_control_add_free(stralloc *text, char const *dir);

#endif
