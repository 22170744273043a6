/* manage_show: what ezmlm-manage tells who asks. Each sends one reply. */

#ifndef MAILTREE_MANAGE_SHOW_H
#define MAILTREE_MANAGE_SHOW_H

#include "manage.h"

void manage_query(struct manage *m);
void manage_info(struct manage *m);
void manage_faq(struct manage *m);
void manage_help(struct manage *m);
void manage_list(struct manage *m);         /* list and listn */
void manage_log(struct manage *m);
void manage_get(struct manage *m);

/* Whether a list that lets its moderators do this has one before it; 100 else. */
void manage_moderator_needed(struct manage const *m, bool available);

/* To whom the reply to such a request goes. */
struct field manage_answers(struct manage const *m);

#endif
