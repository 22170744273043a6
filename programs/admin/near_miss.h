/* near_miss: which known word somebody meant who wrote another. */

#ifndef MAILTREE_NEAR_MISS_H
#define MAILTREE_NEAR_MISS_H

#include <stddef.h>

enum { NEAR_MISS_MAX = 64 };    /* bytes of a word that is looked at */

/* Letters left out, put in, changed or exchanged with their neighbour, to get from one word to the other;
   ASCII case does not count. Words longer than NEAR_MISS_MAX are as far apart as they are long. */
size_t word_distance(char const *a, char const *b);

/* The word of the list (ended by null) nearest to s, if it is near enough to be a slip; else null. */
char const *near_miss(char const *s, char const *const *words);

#endif
