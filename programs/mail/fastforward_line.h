/* fastforward_line: the line of a .qmail file that gives mail to fastforward, so that who answers at RCPT knows whom its table
   has. Pure. */

#ifndef MAILTREE_FASTFORWARD_LINE_H
#define MAILTREE_FASTFORWARD_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct fastforward_line {
  char text[1024];              /* where the words lie */
  char const *program, *table;  /* as they are named */
  bool by_default;              /* -d: $DEFAULT@$HOST is looked up, else $RECIPIENT */
};

/* Whether a shell would start such a program, whatever its path, with such arguments that who is not in the table gets no
   mail. */
bool fastforward_line_parse(struct fastforward_line *to, char const *line, size_t len);

#endif
