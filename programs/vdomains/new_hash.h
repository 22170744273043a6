/* new_hash: the hash of a new password, in the form that control/passwordhash says. */

#ifndef MAILTREE_VDOMAINS_NEW_HASH_H
#define MAILTREE_VDOMAINS_NEW_HASH_H

#include <stdbool.h>

#include "hash.h"

/* What the file says: read once, with HOME as the working directory. Ends the program with 111 and one line when it is no word
   that is known, or cannot be read. */
enum hash_form new_hash_form(void);

/* As hash_make, in that form. */
bool new_hash_make(char hash[HASH_SIZE], char const *password, size_t len);

#endif
