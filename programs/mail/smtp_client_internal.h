/* smtp_client_internal: what the files of smtp_client share. */

#ifndef MAILTREE_SMTP_CLIENT_INTERNAL_H
#define MAILTREE_SMTP_CLIENT_INTERNAL_H

#include "smtp_client.h"

/* What a reply says: code / 100. */
enum smtp_verdict { SMTP_POSITIVE = 2, SMTP_GO_ON = 3, SMTP_TEMPORARY = 4 };

/* A step of the conversation, from its beginning to where it ends: at its own end, or, wherever it is, when the server
   is lost or out of step. `what` is handed on. */
typedef enum smtp_outcome smtp_step(struct smtp_client *c, void const *what);
enum smtp_outcome smtp_step_run(struct smtp_client *c, smtp_step *step, void const *what);
_Noreturn void smtp_step_end(struct smtp_client *c, enum smtp_outcome outcome);

/* A command without CR LF, in words of which null ends the list. */
void smtp_say(struct smtp_client *c, char const *const *words);

/* Who owes no reply and has said something is out of step. */
void smtp_expect_silence(struct smtp_client *c);

/* The next reply; the second takes none but 2xx, 4xx and 5xx of the kind that answers commands. */
enum smtp_verdict smtp_hear(struct smtp_client *c);
enum smtp_verdict smtp_hear_verdict(struct smtp_client *c);

/* From now on the server has only to say that it is still with us, or goodbye. */
void smtp_be_brief(struct smtp_client *c);

/* The connection broke. A server that breaks off while the message is on its way has often said why. */
_Noreturn void smtp_lost(struct smtp_client *c, enum net_loss loss);

#endif
