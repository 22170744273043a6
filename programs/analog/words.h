/* words: what stands between blanks. */

#ifndef MAILTREE_WORDS_H
#define MAILTREE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"

/* Moves *at behind the next word of s, which is empty at the end. */
struct field words_next(char const *s, size_t len, size_t *at);

/* The first max words of s; how many there are. Those that are not there are empty. */
size_t words_split(struct field *words, size_t max, char const *s, size_t len);

bool word_is(struct field word, char const *s);
bool word_begins(struct field word, char const *s);

/* The digits a word begins with; 0 without any. */
uint64_t word_number(struct field word);

#endif
