/* named_program: which programs of lists a line of a .qmail file names by their path. Pure. */

#ifndef MAILTREE_NAMED_PROGRAM_H
#define MAILTREE_NAMED_PROGRAM_H

#include <stdbool.h>

#include "fields.h"

/* The next path of a program ezmlm-*; *rest moves behind it. False: there is no more. */
bool named_program(struct field *path, struct field *rest);

#endif
