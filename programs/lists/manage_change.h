/* manage_change: who subscribes or unsubscribes by mail, and who has to agree to it. Each ends with a reply, or a line on stderr. */

#ifndef MAILTREE_MANAGE_CHANGE_H
#define MAILTREE_MANAGE_CHANGE_H

#include "manage.h"

void manage_subscribe(struct manage *m);
void manage_unsubscribe(struct manage *m);

/* An address with a cookie. */
void manage_confirm(struct manage *m);

/* Whether the target can be in a table: 100 where it cannot. */
void manage_target_needed(struct manage const *m);

#endif
