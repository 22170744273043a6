/* local_mbox: append the message to an mbox file. */

#ifndef MAILTREE_LOCAL_MBOX_H
#define MAILTREE_LOCAL_MBOX_H

#include <stdbool.h>

#include "local_mail.h"

/* Returns when the message is on disk; anything else ends the program with 111, the file as long as before. */
void mbox_deliver(struct local_mail const *m, char const *file);

/* Whether a directory in the file's name is a Maildir; the working directory may be one. */
bool mbox_is_inside_maildir(char const *file);

#endif
