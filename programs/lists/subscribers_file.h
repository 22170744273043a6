/* subscribers_file: one of the 53 files that a table of subscribers is in. Trouble ends the program with 111. */

#ifndef MAILTREE_SUBSCRIBERS_FILE_H
#define MAILTREE_SUBSCRIBERS_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { SUBSCRIBERS_FILE_MAX = 1 << 28 };      /* bytes of one */

/* Whether the address is in that file of the directory, case aside; *found, which may be null, is replaced by it as it stands there. */
bool subscribers_file_have(char const *directory, unsigned hash, struct field address, stralloc *found);

/* Adds it, or takes every record of it out. The caller holds the lock. False when it was so already. */
bool subscribers_file_add(char const *directory, unsigned hash, struct field address);
bool subscribers_file_remove(char const *directory, unsigned hash, struct field address);

/* From the first on the two above change files in memory only, those of one directory; the second writes each that has changed. */
void subscribers_files_gather(void);
void subscribers_files_write(char const *directory);

/* Hands each address of the file to put (which may be null); returns how many. Needs no more memory for more of them. */
uint64_t subscribers_file_each(char const *directory, unsigned hash, void (*put)(void *to, struct field address), void *to);

#endif
