/* parts: words and numbers as parts of what programs of ours say to each other (netstrings.h). Each has one form only.

     struct field const parts[] = { [VERB] = field_of(verbs[v]), [MS] = part_number(digits, ms) };
*/

#ifndef MAILTREE_PARTS_H
#define MAILTREE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"

/* The place of a part in a table of words; count when it has none. */
size_t part_word_find(char const *const *table, size_t count, struct field f);

enum { PART_DIGITS = 10 };

/* A number as a part; its digits are in to. */
struct field part_number(char to[PART_DIGITS], uint32_t n);

/* As it was written: without a 0 in front. */
bool part_number_read(uint32_t *to, struct field f);

#endif
