/* app_file: the app passwords of a user of a virtual domain: a file in his home, where no other program looks, whatever keeps
   the users. Its lines tell whose they are, since two users may share a home. */

#ifndef MAILTREE_VDOMAINS_APP_FILE_H
#define MAILTREE_VDOMAINS_APP_FILE_H

#include <stdbool.h>

#include "app_password.h"

#define APP_FILE "apppasswords"
enum { APP_FILE_MAX = 65536 };          /* bytes of it */

/* Replaces *text by it. 1; 0 when there is none; -1 with errno. */
int app_file_read(stralloc *text, int home);

/* The next one of this user; lines that are none are left out. */
bool app_file_next(struct app_password *p, stralloc const *text, struct field user, size_t *at);

/* Waits for the lock of the file. Its descriptor, or -1 with errno. */
int app_file_lock(int home);

/* Replaces *to by the text without those of the user, or without the one of that name. How many there were. */
size_t app_file_without(stralloc *to, stralloc const *text, struct field user, struct field name);

bool app_file_write(int home, stralloc const *text);

/* The name of the file in the home whose time tells when this one was last used, and that says from where. */
enum { APP_FILE_USE_SIZE = 64 };
void app_file_use(char name[APP_FILE_USE_SIZE], struct app_password const *p);

/* The user who has this home gets another name; or goes, and to is empty: then his go with him. True as well when he has none. False
   with errno. */
bool app_file_rename(struct field home, struct field from, struct field to);

#endif
