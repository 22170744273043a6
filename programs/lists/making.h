/* making: the parts of ezmlm-make: what is asked for, what an old list was made with, and what is made of it. */

#ifndef MAILTREE_MAKING_H
#define MAILTREE_MAKING_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "list_template.h"

enum letter { LETTER_UNSAID, LETTER_OFF, LETTER_ON };

struct making {
  bool editing, rewriting;          /* -e; -ee, or a name was given: what is protected, too */
  bool keeping;                     /* -+: letters stay as they were */
  enum letter letters[TEMPLATE_LETTERS];
  bool said[TEMPLATE_DIGITS];       /* on the command line, perhaps as empty */
  stralloc arguments[TEMPLATE_DIGITS];
  stralloc dir, dot, local, host, code;         /* empty: not said */
  bool has_chosen;
  stralloc chosen;                  /* -C: a template, or a directory that has one */
};

/* What the list in the working directory was made with fills what was not said. Ends the program, 111, when it cannot be read. */
void making_remember(struct making *m);

/* Whether this path leads into this directory, as both are written. */
bool making_is_inside(struct field path, struct field dir);

/* Makes the list of a template, or changes it. A new one is there with all it has, or not at all. Ends the program when that is
   impossible: 100 for a mistake in the template, 111. */
void making_carry_out(struct making const *m, struct template_facts const *facts, struct field text);

#endif
