/* remote_outcome: what became of a session with a server for which there was a policy, for reports (tlsrpt.h). */

#ifndef MAILTREE_REMOTE_OUTCOME_H
#define MAILTREE_REMOTE_OUTCOME_H

#include "tls_wire.h"
#include "tlsrpt.h"

/* Tells qmail-stsd, without waiting for anything; where there was no policy, or nobody listens, nothing happens. */
void outcome_tell(struct tlsrpt_session const *s, enum tlsrpt_result result);

/* What a lack of proof is called there. */
enum tlsrpt_result outcome_of_flaw(enum tls_flaw flaw);

#endif
