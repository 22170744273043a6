/* answer_password: whether this is the password of a user of a virtual domain, and as whom he is let in. */

#ifndef MAILTREE_VDOMAINS_ANSWER_PASSWORD_H
#define MAILTREE_VDOMAINS_ANSWER_PASSWORD_H

#include "asker.h"

/* The texts of the answer are good until the next call. A refusal is one line in the log, without the password; a login is
   noted in the user's home. */
void answer_password(struct users_answer *a, struct users_question const *q, struct asker const *who);

#endif
