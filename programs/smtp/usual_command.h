/* usual_command: whether a command is the program of Debian's package. */

#ifndef MAILTREE_SMTP_USUAL_COMMAND_H
#define MAILTREE_SMTP_USUAL_COMMAND_H

#include <stdbool.h>

/* Whether what execvp(3) would start for command is the file at place, under whatever name. */
bool usual_command(char const *command, char const *place);

#endif
