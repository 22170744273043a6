/* attempt: somebody logs in: may he try, is the password his, and what does the log say. */

#ifndef MAILTREE_AUTH_ATTEMPT_H
#define MAILTREE_AUTH_ATTEMPT_H

#include "auth_wire.h"

/* Reads control/checkpassword at each call, as checklogin(8) does. Texts of the answer are good until the next one. */
void attempt(struct auth_answer *a, struct auth_question const *q);

#endif
