/* source: the files of the other mail system. Root reads nothing that somebody else could have put there. */

#ifndef MAILTREE_IMPORT_SOURCE_H
#define MAILTREE_IMPORT_SOURCE_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "harvest.h"

enum { SOURCE_MAX = 64 << 20 };   /* bytes of a file; a larger one is not read, and told */

/* Below which directory they stand; "" is this host. */
extern char const *source_root;

/* Replaces the text by that of the file. False: it is not there; or it is not read, which is told as of that place. Trouble with
   the disk ends the program. */
bool source_read(stralloc *to, struct harvest *h, struct harvest_place from, char const *path);

/* The same without a word where it is not there, and the first line alone, without blanks at its ends. */
bool source_line(stralloc *to, struct harvest *h, char const *path);

/* Whether there is a file, or a directory, of that name. */
bool source_exists(char const *path);

#endif
