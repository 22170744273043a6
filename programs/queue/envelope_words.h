/* envelope_words: what belongs to a message and to its recipients beyond their addresses (envelope_extra.h), in an envelope that
   was read from the queue. */

#ifndef MAILTREE_ENVELOPE_WORDS_H
#define MAILTREE_ENVELOPE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

/* Replaces *words by what belongs to the message, or to the recipient whose record is at the offset (envelope_extra.h). */
void envelope_words(stralloc *words, stralloc const *envelope);
void envelope_words_of(stralloc *words, stralloc const *envelope, size_t offset);

/* Whether his sender is to hear when he cannot be reached, by his words. */
bool envelope_words_want_failure(stralloc const *words);

#endif
