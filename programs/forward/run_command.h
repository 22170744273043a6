/* run_command: a program that a table or a .forward file names, with the message on descriptor 0. */

#ifndef MAILTREE_RUN_COMMAND_H
#define MAILTREE_RUN_COMMAND_H

#include <stdbool.h>

/* Runs it by a shell, with the lines of a mailbox in front of the message or without, and rewinds. Comes back when it says that
   all went well; else ends the program: with 100 if it refuses the message for good, or 111. */
void run_command(char const *command, bool with_lines);

#endif
