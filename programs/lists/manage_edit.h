/* manage_edit: texts of a list are changed by mail: sent to an administrator, and taken from his reply. */

#ifndef MAILTREE_MANAGE_EDIT_H
#define MAILTREE_MANAGE_EDIT_H

#include "manage.h"

void manage_edit(struct manage *m);
void manage_edited(struct manage *m);

#endif
