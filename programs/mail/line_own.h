/* line_own: whether a word that begins a line of a .qmail file starts a program of this installation. */

#ifndef MAILTREE_LINE_OWN_H
#define MAILTREE_LINE_OWN_H

#include <stdbool.h>
#include <sys/stat.h>

/* The program of that name, by its mark: the word is its path, or its name and none of the name stands before it in PATH.
   False where that is not sure. In *known, empty at first, is which file it was. */
bool line_own(struct stat *known, char const *name, char const *word);

#endif
