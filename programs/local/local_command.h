/* local_command: commands so plain that a shell would only start them. Pure. */

#ifndef MAILTREE_LOCAL_COMMAND_H
#define MAILTREE_LOCAL_COMMAND_H

#include <stdbool.h>

enum { COMMAND_WORDS_MAX = 32 };

/* True when the command is words that mean nothing to any shell, the first of them the path of a program or a
   program of this family. command is then cut into words, and words ends with a null. */
bool command_split(char *command, char *words[COMMAND_WORDS_MAX + 1]);

#endif
