/* command: how a POP3 client and a table of verbs converse (RFC 1939 section 3). Both programs of this role do. */

#ifndef MAILTREE_POP3_COMMAND_H
#define MAILTREE_POP3_COMMAND_H

#include "net.h"
#include "verb.h"

enum { COMMAND_MAX = 1000 };    /* bytes of a line; RFC 2449 section 4 asks for 255 */

/* By these the first program tells the second with what one could log in, where those are others than the usual ones, and that the
   client has said UTF8. */
#define MECHANISMS_VARIABLE "POP3_MECHANISMS"
#define UTF8_VARIABLE "POP3_UTF8"

/* What RFC 2449 section 5 wants told alike before and after the login, and the end of the list. Null is the usual mechanisms, 0
   seconds no delay between logins. */
void list_capabilities(struct net *net, char const *mechanisms, unsigned long login_delay);

/* One reply line; the CR LF is added. */
void reply(struct net *net, char const *text);

/* Obeys the client for ever. Both ends of it, QUIT and a lost client, leave the program. */
_Noreturn void converse(struct net *net, struct verb const *verbs, int const *state);

#endif
