/* utf8: characters of more than one byte. RFC 3629. */

#ifndef MAILTREE_UTF8_H
#define MAILTREE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at s; 0 when there is none. */
size_t utf8_character(char const *s, size_t len);

/* Whether all of it are characters. */
bool utf8_is(char const *s, size_t len);

/* Whether all bytes are ASCII, which most texts are. */
bool utf8_is_ascii(char const *s, size_t len);

#endif
