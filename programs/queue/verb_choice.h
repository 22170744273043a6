/* verb_choice: which recipients a verb is about. */

#ifndef MAILTREE_VERB_CHOICE_H
#define MAILTREE_VERB_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the pattern fits all of s: '*' is any text, '?' any byte, small and large letters are the same. */
bool pattern_fits(char const *pattern, char const *s, size_t len);

/* Patterns for the address and for its domain (what is behind the last '@'); an empty one fits anything. */
struct verb_choice { char const *recipient, *domain; };

bool choice_takes(struct verb_choice const *c, char const *address, size_t len);

#endif
