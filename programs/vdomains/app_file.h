/* app_file: the app passwords of a user of a virtual domain, as they stand in the lines of a file in his home (home_lines.h). */

#ifndef MAILTREE_VDOMAINS_APP_FILE_H
#define MAILTREE_VDOMAINS_APP_FILE_H

#include <stdbool.h>

#include "app_password.h"

/* The next one of this user; lines that are none are left out. */
bool app_file_next(struct app_password *p, stralloc const *text, struct field user, size_t *at);

/* Replaces *to by the text without those of the user, or without the one of that name. How many there were; SIZE_MAX without
   memory. */
size_t app_file_without(stralloc *to, stralloc const *text, struct field user, struct field name);

/* The name of the file in the home whose time tells when this one was last used, and that says from where. */
enum { APP_FILE_USE_SIZE = 64 };
void app_file_use(char name[APP_FILE_USE_SIZE], struct app_password const *p);

#endif
