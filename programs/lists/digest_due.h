/* digest_due: whether the posts since the last digest are enough for another one. Pure. */

#ifndef MAILTREE_DIGEST_DUE_H
#define MAILTREE_DIGEST_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "N:S:time": the last message that was in a digest, the size of all posts then in units of 256 bytes, and when that was. */
struct digest_last { uint64_t number, size, when; };

/* What is missing is 0. */
void digest_last_scan(struct digest_last *to, char const *s, size_t len);

/* 0: that does not matter. */
struct digest_limits { uint64_t kbytes, messages, hours; };

bool digest_due(struct digest_last const *now, struct digest_last const *last, struct digest_limits const *limits);

#endif
