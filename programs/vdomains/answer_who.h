/* answer_who: whether there is a user, by the way that a delivery goes.

     user@domain -> the file of the domain's directory that speaks for the user -> if that is nothing but a line that
     starts vdelivermail: the mailbox of that name, with room in it -> else what that line says of nobody */

#ifndef MAILTREE_VDOMAINS_ANSWER_WHO_H
#define MAILTREE_VDOMAINS_ANSWER_WHO_H

#include <stdbool.h>

#include "asker.h"

/* Whether the quota of a whole domain counts, too. */
void answer_who_counts_domains(bool wanted);

/* A domain of another account is answered with who that is. */
void answer_who(struct users_answer *a, struct users_question const *q, struct asker const *who);

#endif
