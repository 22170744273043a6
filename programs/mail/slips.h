/* slips: lines of a .qmail file that can be followed to the letter but not be meant: an address with a blank in
   front, a path in quotes, a line that ends with CR. To follow them would return the mail, or lose it, so that it waits
   until the owner of the file has looked. Pure. */

#ifndef MAILTREE_SLIPS_H
#define MAILTREE_SLIPS_H

#include "instructions.h"

/* What is wrong with the line, or null. */
char const *slip_of(struct instruction const *in);

#endif
