/* path: the address in a command, between < and > or not. */

#ifndef MAILTREE_SMTP_PATH_H
#define MAILTREE_SMTP_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

/* The address of MAIL or RCPT becomes session.command.address, user@[one of our addresses] becomes user@localiphost, and
   a domain beyond ASCII what DNS calls it; *rest is the index behind it. False when there is none that can be used. */
bool path_take(char const *s, size_t len, size_t *rest);

/* In a careless command of a .qmail file such an address would be an option of the program. */
bool path_is_like_an_option(stralloc const *address);

#endif
