/* send_control: the verbs of qmail-qctl on the running system (verb_wire.h).

   A request is about one message. It claims the message, so that no pass begins, stops the passes under way, and waits
   until qmail-clean has answered what was asked before: then the file tells truly who is to do. What is under way to a
   spawner stays under way, and its report counts as always. The asker hears of it when the change is durable. */

#ifndef MAILTREE_SEND_CONTROL_H
#define MAILTREE_SEND_CONTROL_H

#include <stdbool.h>

#include "clean.h"
#include "send_asker.h"
#include "send_message.h"

/* He asks. */
void control_request(struct asker const *a);

/* He is gone: what he has claimed is not his any more. */
void control_gone(struct asker const *a);

/* Does what can be done. True when it changed something. */
bool control_run(void);

/* qmail-clean has answered a request about this message. */
void control_answered(struct message *m, enum clean_deed deed, bool ok);

#endif
