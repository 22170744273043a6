/* answer_roaming: from which addresses mail may be sent, since somebody has logged in there to read his. */

#ifndef MAILTREE_VDOMAINS_ANSWER_ROAMING_H
#define MAILTREE_VDOMAINS_ANSWER_ROAMING_H

#include "asker.h"

/* Whether the client's address is one: SAID_LET_IN or SAID_NOBODY. */
void answer_roaming(struct users_answer *a, struct users_question const *q, struct asker const *who);

/* Somebody has logged in whom the owner of another domain knows. */
void answer_noted(struct users_answer *a, struct users_question const *q, struct asker const *who);

/* Somebody has logged in here, with these flags. */
void answer_roaming_login(struct users_question const *q, uint32_t flags);

#endif
