/* map_lines: tables of other mail systems in their text form: a key and a value on each line. Pure.

     # comment                                 an empty line, too, is none
     key          value                        blanks between them
     key: value                                or a colon, where that is the way of the table
     "a key"      value                        quotes around it, where it has blanks
       the rest of the value                   a line that begins with a blank goes on with the one before */

#ifndef MAILTREE_IMPORT_MAP_LINES_H
#define MAILTREE_IMPORT_MAP_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct map_lines {
  struct field in;
  bool colons;                  /* a key ends with a colon */
  size_t at, next_number;
  size_t number;                /* of the line */
  stralloc text;                /* of the line with those that continue it */
  struct field key, value;      /* in text */
};

/* False at the end. The value may be empty. */
bool map_lines_next(struct map_lines *m);

/* The next of several values, between which are commas and blanks; quotes hold together what is between them. Empty: no more. */
struct field map_value_next(struct field *rest);

#endif
