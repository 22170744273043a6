/* client: whose connection it is, when another program stands between him and us and says so. He is told of once, before
   anything was decided, and from then on all is as if he had connected himself: the rules are those for his address. */

#ifndef MAILTREE_SMTP_CLIENT_H
#define MAILTREE_SMTP_CLIENT_H

#include <stdbool.h>

/* Whether the one who is connected may speak for others: his address is a word of the variable. Its rule alone would not
   do, since one for everybody would make everybody whoever he likes to be. */
bool client_may_speak_for_others(char const *variable);

/* The same for XCLIENT. */
bool client_may_say_xclient(void);

/* Null: it stays as it is; empty: it is not known. */
struct client_news { char const *ip, *host, *port, *local_ip, *local_port; };

/* The client is another one. Ends the session if a rule denies him, or none can be read. */
void client_becomes(struct client_news const *news);

/* Opens the tables of domains that mail is taken for, unless he may send to all. Ends the session where there are none. */
void client_read_rcpthosts(void);

/* Hears the PROXY header, where the rules say that one comes. Ends the session without it. */
void client_hear_proxy(void);

#endif
