/* send_call: who calls for the mail of a domain that waits (call_wire.h): root, and qmail-smtpd for a client that may. Nothing
   else can be asked here, of one domain no more than once a minute. */

#ifndef MAILTREE_SEND_CALL_H
#define MAILTREE_SEND_CALL_H

#include <stdint.h>

#include <skalibs/iopause.h>

enum { CALLERS = 4, CALLER_PLACES = 1 + CALLERS };

/* Makes the socket. Without its directory there is none. */
void callers_begin(void);

/* What to wait for, and what has come. When qmail-send is stopping, all are sent away. */
void callers_wait_for(iopause_fd x[CALLER_PLACES]);
void callers_receive(iopause_fd const x[CALLER_PLACES]);

/* The end of the patience with the most silent one. */
uint64_t callers_patience(void);

#endif
