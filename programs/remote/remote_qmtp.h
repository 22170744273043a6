/* remote_qmtp: one message by QMTP: all of it is sent without waiting, then each recipient has an answer. There is no greeting, and
   nothing is said between messages. QMTP has no TLS and knows no names: nothing goes that way that must not be read. */

#ifndef MAILTREE_REMOTE_QMTP_H
#define MAILTREE_REMOTE_QMTP_H

#include <stdbool.h>
#include <stdint.h>

#include "remote_session.h"
#include "smtp_route.h"

/* Whether the relay's route says so, by its port; or without one (null) the MX record of the host, by its preference (MXPS). */
bool qmtp_is_meant(struct smtp_route const *relay, uint32_t preference);

/* Whether a message can go so: its length must be known beforehand, and be none that no server would take. */
bool qmtp_can_send(struct message const *m);

/* Speaks with the server and ends in a report (remote_report.h). It comes back when the connection was lost before all was sent, so
   that nobody can have the message: another way may be tried. */
struct session_failure qmtp_run(struct session const *session, bool kept);

#endif
