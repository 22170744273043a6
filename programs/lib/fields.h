/* fields: lines whose parts are separated by colons, as in passwd and users/assign. */

#ifndef MAILTREE_FIELDS_H
#define MAILTREE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct field { char const *s; size_t len; };

/* Cuts the line at its colons into at most max parts and returns how many; the last of max parts keeps the colons
   it holds. A line without a colon is one part. */
size_t fields_split(struct field *parts, size_t max, char const *line, size_t len);

/* Whether the part is a decimal number that can be a uid or gid. */
bool field_is_id(struct field f);

/* Whether that number is 0. */
bool field_is_zero(struct field f);

#endif
