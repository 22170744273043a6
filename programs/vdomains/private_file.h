/* private_file: a file that a command writes for who calls it, and for nobody else. */

#ifndef MAILTREE_VDOMAINS_PRIVATE_FILE_H
#define MAILTREE_VDOMAINS_PRIVATE_FILE_H

#include <skalibs/stralloc.h>

struct private_file { int directory; char const *name; };

/* Before HOME is the working directory. Ends the program when its directory cannot be opened. */
struct private_file private_file_find(char const *path);

/* It gets this text, as a whole, mode 0600; or the program ends, and it is as it was. */
void private_file_write(struct private_file file, stralloc const *text);

/* A file in memory, in which children gather the text; and all that is in it, which replaces *text. */
int private_file_draft(void);
void private_file_keep(int draft, stralloc const *text);
void private_file_read(stralloc *text, int draft);

#endif
