/* list_lines: the lines of a setting that say something: what begins with '#' and what is empty does not, blanks and tabs at the
   end are no part of a line, the last one needs no newline. Pure. */

#ifndef MAILTREE_LIST_LINES_H
#define MAILTREE_LIST_LINES_H

#include <stdbool.h>

#include "fields.h"

/* The next line of the text, which moves behind it; false where there is none. */
bool list_line_any(struct field *line, struct field *rest);

/* The next one that says something. */
bool list_line_next(struct field *line, struct field *rest);

#endif
