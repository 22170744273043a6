/* maillist: a line of text as an entry of a list (forward_table.h). Pure. */

#ifndef MAILTREE_MAILLIST_H
#define MAILTREE_MAILLIST_H

#include <stddef.h>

#include <skalibs/stralloc.h>

enum { MAILLIST_LINE_MAX = 800 };

enum maillist_result { MAILLIST_ADDED, MAILLIST_TOO_LONG, MAILLIST_NUL, MAILLIST_NO_MEMORY };

/* Appends the entry that the line is; blanks at its end do not count, and an empty line or a comment is none. */
enum maillist_result maillist_add(stralloc *to, char const *line, size_t len);

#endif
