/* base64: RFC 4648 section 4. */

#ifndef MAILTREE_BASE64_H
#define MAILTREE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes in place: four characters for three bytes, the last four with one or two '=' for two or one. False if s is
   anything else. What is left of the text behind the bytes is wiped. */
bool base64_decode(char *s, size_t len, size_t *decoded);

/* Whether the bits that the '=' leave over are 0, as every encoder makes them: else there are two texts of the same
   bytes. Of a text that base64_decode takes. */
bool base64_is_exact(char const *s, size_t len);

/* How many characters so many bytes become. */
#define BASE64_LEN(bytes) (((bytes) + 2) / 3 * 4)

/* Writes BASE64_LEN(len) characters and returns how many. */
size_t base64_encode(char *to, char const *s, size_t len);

#endif
