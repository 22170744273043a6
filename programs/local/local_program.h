/* local_program: run a command of a .qmail file. */

#ifndef MAILTREE_LOCAL_PROGRAM_H
#define MAILTREE_LOCAL_PROGRAM_H

#include <stdbool.h>

#include "local_mail.h"

/* Runs the command with the message on descriptor 0. True to go on, false when the command said that the rest of
   the file is to be skipped (99); any other verdict ends the program. */
bool program_run(struct local_mail const *m, char const *command);

#endif
