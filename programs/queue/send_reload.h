/* send_reload: qmail-send reads its control files again, at a HUP or because qmail-qctl asks for it. */

#ifndef MAILTREE_SEND_RELOAD_H
#define MAILTREE_SEND_RELOAD_H

#include <stdbool.h>

/* All of them, and mail that waits for its destination is tried by what they say. False when one could not be read: then
   all are as they were, and the log says which. */
bool controls_reload(void);

#endif
