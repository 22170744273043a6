/* fields: parts of a line, where they lie: between colons, as in passwd and users/assign, or words between blanks. */

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

/* All of a string. */
struct field field_of(char const *s);

/* Whether it is this word; whether both are the same bytes. */
bool field_is(struct field f, char const *word);
bool field_same(struct field a, struct field b);

/* Without the blanks, tabs, line ends and NULs at both its ends. */
struct field field_trimmed(struct field f);

/* The next word of *rest, which moves behind it; between words are blanks, tabs and carriage returns. Empty when there is no more. */
struct field field_word(struct field *rest);

#endif
