/* attempt: somebody logs in: may he try, is the password his, and what does the log say. */

#ifndef MAILTREE_AUTH_ATTEMPT_H
#define MAILTREE_AUTH_ATTEMPT_H

#include <sys/types.h>

#include "auth_wire.h"

/* At the start: whose virtual domains are served by as many as are wanted. */
void attempt_know_owner(uid_t vpopmail);

/* Reads control/checkpassword at each call, as checklogin(8) does. Texts of the answer are good until the next one. */
void attempt(struct auth_answer *a, struct auth_question const *q);

/* Before a proof: with what salt. Everybody has one, and who is here by a real one is not to be told from the others. */
void attempt_salt(struct auth_answer *a, struct auth_question const *q);

#endif
