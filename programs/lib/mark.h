/* mark: which programs in bin are this system's own.

   A site may put its own program in the place of one of these. Who foretells what a program will do looks first
   whether it is the one he knows: MARK("qmail-local") in its source leaves a text in its file. */

#ifndef MAILTREE_MARK_H
#define MAILTREE_MARK_H

#include <stdbool.h>
#include <sys/stat.h>

#define MARK_TEXT "this is mailtree's "
#define MARK(name) static char const mark_of_program[] __attribute__((used)) = MARK_TEXT name

/* Whether the file can be read and holds the mark of this name. False without memory, too. */
bool mark_found(char const *path, char const *name);

/* The same of a program that can be executed, and that many messages may ask for: in *known, empty at first, is which file
   it was. */
bool mark_is_kept(struct stat *known, char const *path, char const *name);

#endif
