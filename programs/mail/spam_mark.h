/* spam_mark: what a filter of spam has to say and is told: the mark in a header, and the words of its command. Pure. */

#ifndef MAILTREE_SPAM_MARK_H
#define MAILTREE_SPAM_MARK_H

#include <stdbool.h>
#include <stddef.h>

enum { SPAM_HEADER_MAX = 65536, SPAM_WORDS_MAX = 32 };

/* Whether a field X-Spam-Flag that begins with YES, or X-Spam-Status that does with Yes, stands in the header that begins so. */
bool spam_mark_is_set(char const *s, size_t len);

/* Cuts a line into its words at blanks and tabs. How many; 0: there are none, or too many. words ends with a null. */
size_t spam_mark_words(char *words[SPAM_WORDS_MAX + 1], char *line);

#endif
