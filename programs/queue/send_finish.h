/* send_finish: failed recipients, bounces, and the end of a message. */

#ifndef MAILTREE_SEND_FINISH_H
#define MAILTREE_SEND_FINISH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "send_message.h"
#include "status_text.h"

/* Notes the failure in bounce/N. False, with nothing changed, when the machine will not. */
bool failure_note(struct message *m, char const *recipient, char const *text, size_t len);

/* Asks for the mark of a recipient whose failure was noted, behind the next failures_sync. */
void failure_mark(struct message *m, size_t offset);

/* The same for a success of which the sender wishes to be told, in success/N. */
bool success_note(struct message *m, char const *recipient, enum status_action action, char const *text, size_t len);
void success_mark(struct message *m, size_t offset);

/* The sender is to be told that recipients still wait, once. What cannot be told now is told at another attempt. */
void delay_tell(struct message *m, bool sender_is_local);

/* Makes what was noted durable, then asks for the marks. */
void failures_sync(void);

/* Nothing of the message is to do: bounce if needed, then remove. */
void message_finish(struct message *m);

/* The last recipient, unmarked in the hope of a quick end, is marked after all. */
void finish_settle(struct message *m);

/* A child has ended: the bit that it had among those at work on bounces, 0 when it was none of them. */
unsigned finish_child_ended(pid_t pid, int wstat);

/* Starts bounces that wait while children are free. */
void bounces_run(void);

/* The children at work on bounces, a bit for each. */
unsigned bounces_running(void);

#endif
