/* command: how a POP3 client and a table of verbs converse (RFC 1939 section 3). Both programs of this role do. */

#ifndef MAILTREE_POP3_COMMAND_H
#define MAILTREE_POP3_COMMAND_H

#include "net.h"
#include "verb.h"

enum { COMMAND_MAX = 1000 };    /* bytes of a line; RFC 2449 section 4 asks for 255 */

/* What RFC 2449 section 5 wants told alike before and after the login, and the end of the list. The mechanisms are those of the
   variable, which qmail-popup sets where it has others than the usual ones. */
#define MECHANISMS_VARIABLE "POP3_MECHANISMS"
void list_capabilities(struct net *net, char const *mechanisms);

/* One reply line; the CR LF is added. */
void reply(struct net *net, char const *text);

/* Obeys the client for ever. Both ends of it, QUIT and a lost client, leave the program. */
_Noreturn void converse(struct net *net, struct verb const *verbs, int const *state);

#endif
