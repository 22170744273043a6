/* alias_lines: the logical lines of /etc/aliases, or the lines of a list. Pure. */

#ifndef MAILTREE_ALIAS_LINES_H
#define MAILTREE_ALIAS_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct alias_lines {
  struct field in;
  size_t at, next_number;
  size_t number;                /* of the first line of this one */
  stralloc text;                /* with its newlines, comments and empty lines left out */
};

/* is_folded: a line that begins with a blank continues the one before it, over empty lines and, of a comment, is comment. */
bool alias_lines_next(struct alias_lines *l, bool is_folded);

#endif
