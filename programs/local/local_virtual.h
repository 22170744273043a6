/* local_virtual: a line of a .qmail file that starts vdelivermail, obeyed without starting it. */

#ifndef MAILTREE_LOCAL_VIRTUAL_H
#define MAILTREE_LOCAL_VIRTUAL_H

#include <stdbool.h>

#include "instructions.h"
#include "local_mail.h"

/* Whether the line is one, and its program ours. */
bool virtual_is(struct instruction const *in);

/* Whether it needs no process of its own; found out once for a delivery. */
bool virtual_is_short(struct local_mail const *m, struct instruction const *in);

/* As program_run. */
bool virtual_run(struct local_mail const *m, struct instruction const *in);

/* The next delivery begins. */
void virtual_begin(void);

#endif
