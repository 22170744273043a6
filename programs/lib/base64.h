/* base64: RFC 4648 section 4. */

#ifndef MAILTREE_BASE64_H
#define MAILTREE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes in place: four characters for three bytes, the last four with one or two '=' for two or one. False if s is
   anything else. What is left of the text behind the bytes is wiped. */
bool base64_decode(char *s, size_t len, size_t *decoded);

#endif
