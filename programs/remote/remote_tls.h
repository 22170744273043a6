/* remote_tls: TLS with the server of a session, by the service that speaks it (tls_ask.h), or why there is none. */

#ifndef MAILTREE_REMOTE_TLS_H
#define MAILTREE_REMOTE_TLS_H

#include <stdbool.h>

/* Whether the service may be asked: one access(2). Working directory HOME, before the process is confined. */
bool tls_is_here(void);

/* Before the greeting, on a port where TLS comes first. */
bool tls_begins(void);

/* After the greeting, of a session: TLS where the server offers it, and its greeting again. False when another server, or a
   new connection to this one in plain text, is to be tried; or it ends in a report. Who asks for secrecy gets it, or no
   session. */
bool tls_goes_on(void);

#endif
