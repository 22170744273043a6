/* maildir_name: the names of files in a Maildir. */

#ifndef MAILTREE_MAILDIR_NAME_H
#define MAILTREE_MAILDIR_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAILDIR_HOST_MAX = 63, MAILDIR_HOST_SIZE = 4 * MAILDIR_HOST_MAX + 1 };

/* The name of this host as names of files have it, and a NUL: bytes that would end a name or begin its flags are octal. */
void maildir_name_host(char to[MAILDIR_HOST_SIZE]);

/* The size a name states as ",S=bytes" before its flags, which begin behind base_len bytes; false if it does not. */
bool maildir_name_size(char const *name, size_t base_len, uint64_t *size);

/* Whether those flags mark the message as one to be removed. */
bool maildir_name_is_trashed(char const *name, size_t base_len);

#endif
