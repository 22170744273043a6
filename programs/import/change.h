/* change: files of HOME and /etc become what a plan says, all of them or none. Whatever is replaced or removed is kept in
   HOME/import/before. Working directory: HOME. Trouble ends the program with 111, and the next run goes on. */

#ifndef MAILTREE_IMPORT_CHANGE_H
#define MAILTREE_IMPORT_CHANGE_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#define CHANGE_DIRECTORY "import"

/* Does what an earlier run has left undone. Whether there was something. */
bool change_go_on(void);

/* Writes the plan down, then does it. */
void change_do(stralloc const *plan);

/* The text of a file, appended. False: there is none. */
bool change_read(stralloc *to, char const *path);

#endif
