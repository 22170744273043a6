/* user_password: whose password may be changed, and how that is stored. In the domain's directory, as its owner. */

#ifndef MAILTREE_VDOMAINS_USER_PASSWORD_H
#define MAILTREE_VDOMAINS_USER_PASSWORD_H

#include "named.h"

/* Refuses a user who is not there, and one whose own flags or domain say that his password stays. The record lies in static
   storage. */
struct vpasswd const *user_password_need(struct named const *named);

/* The clear password that an older system kept beside the hash is emptied: it would still open the mailbox. */
void user_password_store(struct named const *named, char const *hash);

#endif
