/* maildir_name: what the name of a file in a Maildir tells. Pure. */

#ifndef MAILTREE_MAILDIR_NAME_H
#define MAILTREE_MAILDIR_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The size a name states as ",S=bytes" before its flags, which begin behind base_len bytes; false if it does not. */
bool maildir_name_size(char const *name, size_t base_len, uint64_t *size);

#endif
