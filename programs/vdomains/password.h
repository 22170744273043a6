/* password: where a command gets a password from. Never from another program's command line, never into a log. */

#ifndef MAILTREE_VDOMAINS_PASSWORD_H
#define MAILTREE_VDOMAINS_PASSWORD_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

enum {
  PASSWORD_MAX = 128,             /* bytes */
  PASSWORD_RANDOM_LENGTH = 12     /* of one that is made, when none is said */
};

/* Asks on the terminal, twice without echo, until both are the same: "Please enter password for NAME: ". From a pipe
   instead of a terminal the first line counts. Replaces *to; ends the program when there is none. */
void password_ask(stralloc *to, char const *name);

/* Asks once without echo for one that is there already, which may be empty; from a pipe it is the next line. */
void password_ask_once(stralloc *to, char const *prompt);

/* Asks for a line that may be seen; from a pipe it is the next line. At most so many bytes of it. */
void password_ask_name(stralloc *to, char const *prompt, size_t max);

/* A hash that is made already, the next line of descriptor 0, which may be empty. Static storage. Ends the program when there
   is none. */
char const *password_crypted(void);

/* What to store for a new password: that of the command line, or a random one when a length is given (not 0;
   COMMAND_NO_LENGTH: the usual one), which is told on descriptor 1, or the one that is asked for. Static storage. Ends the
   program when there is none, or both. */
char const *password_new(char const *argument, uint32_t random_length, char const *name);

/* Replaces *to by len random characters, 1 to PASSWORD_MAX, of letters, digits and .@!#%* */
void password_make(stralloc *to, size_t len);

#endif
