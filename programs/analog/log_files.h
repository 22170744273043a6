/* log_files: a log in its files, the oldest first. */

#ifndef MAILTREE_LOG_FILES_H
#define MAILTREE_LOG_FILES_H

#include "fields.h"

/* Gives each complete line of a log to take: of a directory of multilog those of its rotated files (@...), in the order of
   their names, and those of current; of a file its own. Trouble ends the program: "PROG: fatal: unable to read PATH: reason",
   111. A directory without files has no lines. */
void log_files_read(char const *path, void (*take)(void *with, struct field line), void *with);

#endif
