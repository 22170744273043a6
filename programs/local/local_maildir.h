/* local_maildir: put the message into a Maildir. */

#ifndef MAILTREE_LOCAL_MAILDIR_H
#define MAILTREE_LOCAL_MAILDIR_H

#include "local_mail.h"

/* Returns when the message is on disk; anything else ends the program with 111. */
void local_maildir_deliver(struct local_mail const *m, char const *dir);

#endif
