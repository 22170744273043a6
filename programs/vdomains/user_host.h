/* user_host: on which host the mailbox of a user of a virtual domain is, for who sends his login there. It stands in a file in his
   home (home_lines.h), and of whom nothing stands there, his is here.

     line   user:host */

#ifndef MAILTREE_VDOMAINS_USER_HOST_H
#define MAILTREE_VDOMAINS_USER_HOST_H

#include <stdbool.h>

#include "fields.h"
#include "mail_host.h"

/* 1; 0 when nothing stands there, and host is empty; -1 with errno, EPROTO for what is no host. */
int user_host_find(char host[MAIL_HOST_SIZE], int home, struct field user);

/* That is it from now on; an empty one: here. False with errno. */
bool user_host_set(int home, struct field user, char const *host);

#endif
