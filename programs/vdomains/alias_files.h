/* alias_files: addresses of a virtual domain that are files: .qmail-NAME in its directory, a line for each place to which
   mail goes. As the owner of the domain, in its directory. */

#ifndef MAILTREE_VDOMAINS_ALIAS_FILES_H
#define MAILTREE_VDOMAINS_ALIAS_FILES_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

enum { ALIAS_FILE_MAX = 1 << 20 };      /* bytes */

/* Replaces *name by the alias that the file speaks for, an uncounted NUL behind it; false if it is for none. */
bool alias_files_name(stralloc *name, char const *file);

/* Replaces *text. False: there is no such file. Ends the program when that cannot be told. */
bool alias_files_read(stralloc *text, char const *file);

/* Calls each(name, file) for all but default, sorted without regard to case. */
void alias_files_list(void (*each)(char const *name, char const *file));

/* Waits for the lock under which such files are changed; it ends with the program. */
void alias_files_lock(void);

/* The file gets this text; or goes. On disk. Ends the program when it cannot. */
void alias_files_write(char const *file, stralloc const *text);
void alias_files_remove(char const *file);

#endif
