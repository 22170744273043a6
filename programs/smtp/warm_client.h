/* warm_client: what tcpserver(1) does between accept and exec: who it is, what the rules say, the environment, the log. */

#ifndef MAILTREE_SMTP_WARM_CLIENT_H
#define MAILTREE_SMTP_WARM_CLIENT_H

#include "warm_options.h"

/* The client behind fd becomes fd 0 and 1, and the environment and the log tell of him as tcpserver's do. Ends the process, 100,
   when the rules deny him, and 111 when it cannot be known. */
void warm_client_begin(struct warm_options const *o, int fd);

#endif
