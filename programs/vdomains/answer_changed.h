/* answer_changed: what a command has changed becomes a line in the log of qmail-usersd, with the account that has called it. */

#ifndef MAILTREE_VDOMAINS_ANSWER_CHANGED_H
#define MAILTREE_VDOMAINS_ANSWER_CHANGED_H

#include "asker.h"

/* Only changes of vchange.h; and who owns a domain speaks for no other. */
void answer_changed(struct users_answer *a, struct users_question const *q, struct asker const *who);

#endif
