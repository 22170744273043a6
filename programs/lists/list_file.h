/* list_file: files of a list, and those that stand in where the list has none of its own. */

#ifndef MAILTREE_LIST_FILE_H
#define MAILTREE_LIST_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "list.h"

/* Appends all of a file. 1; 0 when there is none; -1 with errno, EFBIG for more than max bytes. */
int list_file_read(stralloc *to, char const *path, size_t max);

enum list_place { PLACE_LIST, PLACE_ELSEWHERE, PLACE_DEFAULT, LIST_PLACES };

/* The name's path in a place: the list's directory, the one that DIR/ezmlmrc names, EZMLM_ETC/default. False where there is no
   such place; l may be null before a list is entered. Replaces *path, which ends by a NUL. */
bool list_file_path(stralloc *path, struct list const *l, enum list_place place, char const *name);

/* The same as list_file_read of the first place that has it; *path is then where it was, or where reading failed. */
int list_file_find(stralloc *to, stralloc *path, struct list const *l, char const *name);

#endif
