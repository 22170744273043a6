/* answer_password: whether this is the password of a user of a virtual domain, and as whom he is let in. */

#ifndef MAILTREE_VDOMAINS_ANSWER_PASSWORD_H
#define MAILTREE_VDOMAINS_ANSWER_PASSWORD_H

#include <stdbool.h>

#include "asker.h"

/* Passwords that are stored in an old form are stored anew when somebody has logged in with one. */
void answer_password_rehashes(bool wanted);

/* A question of USERS_LOGIN is answered with a token. The texts of the answer are good until the end. A refusal is one line in the log, without the password; a login is
   noted in the user's home. */
void answer_password(struct users_answer *a, struct users_question const *q, struct asker const *who);

/* The same of who comes with a token; and he goes. */
void answer_token(struct users_answer *a, struct users_question const *q, struct asker const *who);
void answer_logout(struct users_answer *a, struct users_question const *q, struct asker const *who);

/* Who would be let in, without a password; nobody hears of it. */
void answer_account(struct users_answer *a, struct users_question const *q, struct asker const *who);

/* The same, with the host on which his mailbox is in place of the home; empty: this one. */
void answer_host(struct users_answer *a, struct users_question const *q, struct asker const *who);

/* With what salt he can prove it, for who decides about logins alone. */
void answer_salt(struct users_answer *a, struct users_question const *q, struct asker const *who);

/* When the answer has been said: what can wait. */
void answer_password_end(struct users_question const *q);

#endif
