/* number: digits as a number. */

#ifndef MAILTREE_NUMBER_H
#define MAILTREE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* Reads the digits s begins with into *number (UINT64_MAX if there are too many of them) and returns how many. */
size_t number_scan(char const *s, size_t len, uint64_t *number);

#endif
