/* lines: the text of a control file, changed by whole lines. Comments, the order, and lines that somebody else wrote
   stay as they are, byte for byte. Pure.

   Two lines are the same when they differ in the case of letters and in blanks at their ends only, as those who read
   control files see them. */

#ifndef MAILTREE_LINES_H
#define MAILTREE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

struct text_line { char const *s; size_t len; };     /* without its newline and the blanks before that */

/* Reads the line that begins at *at and moves *at behind it. False at the end. The last line needs no newline. */
bool lines_next(struct text_line *line, char const *text, size_t len, size_t *at);

bool lines_same(struct text_line a, struct text_line b);
bool lines_have(stralloc const *text, struct text_line line);

/* Appends the line, unless it is there. Whether it was not. */
bool lines_add(stralloc *text, struct text_line line);

/* Removes every such line. How many there were. */
size_t lines_remove(stralloc *text, struct text_line line);

/* As lines_add in a text that is ended by a line with a dot at its beginning, users/assign: the line comes before
   that, which is made where it is missing. What stood behind the end was never read, and goes. */
bool lines_add_before_dot(stralloc *text, struct text_line line);

#endif
