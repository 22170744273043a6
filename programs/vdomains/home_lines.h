/* home_lines: what is known of a user of a virtual domain besides his record: files in his home, where no other program looks,
   whatever keeps the users. A line begins with his name and a colon, since two users may share a home. */

#ifndef MAILTREE_VDOMAINS_HOME_LINES_H
#define MAILTREE_VDOMAINS_HOME_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum home_lines { HOME_APP_PASSWORDS, HOME_HOST, HOME_LINES };

enum { HOME_LINES_MAX = 65536 };        /* bytes of a file */

/* Their names. */
extern char const *const home_lines_names[HOME_LINES];

/* Opens the home that a record tells; -1 with errno, ENOENT where it tells none. */
int home_lines_open(struct field home);

/* Replaces *text by the file. 1; 0 when there is none; -1 with errno. */
int home_lines_read(stralloc *text, int home, enum home_lines which);

/* The next line as it lies in the text, without its newline; whether it is this user's; and his next one. */
bool home_lines_next(struct field *line, stralloc const *text, size_t *at);
bool home_lines_is_of(struct field line, struct field user);
bool home_lines_next_of(struct field *line, stralloc const *text, struct field user, size_t *at);

/* Waits for the lock of the file. Its descriptor, or -1 with errno. */
int home_lines_lock(int home, enum home_lines which);

/* The file gets this text, and goes where there is none. False with errno. */
bool home_lines_write(int home, enum home_lines which, stralloc const *text);

/* The user who has this home gets another name in all of them; or goes, and to is empty: then his lines go with him. True as well
   when he has none. False with errno. */
bool home_lines_rename(struct field home, struct field from, struct field to);

#endif
