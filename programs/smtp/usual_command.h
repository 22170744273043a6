/* usual_command: whether a command is the program of Debian's package, or our own. */

#ifndef MAILTREE_SMTP_USUAL_COMMAND_H
#define MAILTREE_SMTP_USUAL_COMMAND_H

#include <stdbool.h>

/* Whether what execvp(3) would start for command is the file at place, under whatever name. */
bool usual_command(char const *command, char const *place);

/* Whether it would start this system's own program for the name: a site may have put another one, such as a script,
   into its place. */
bool usual_own(char const *name);

#endif
