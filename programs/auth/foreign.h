/* foreign: ask a password checker of the site, any program with the interface of checkpassword(8). */

#ifndef MAILTREE_AUTH_FOREIGN_H
#define MAILTREE_AUTH_FOREIGN_H

#include "auth_wire.h"

/* Runs it in front of true(1), with what it is told on descriptor 3, and gives it half a minute. AUTH_LET_IN, AUTH_WRONG, or
   AUTH_TROUBLE; of all but the first *why is for the log. */
enum auth_said foreign_ask(char const *checker, struct auth_question const *q, char const **why);

#endif
