/* instructions: the lines of a .qmail file. Pure; dot-qmail(5). */

#ifndef MAILTREE_INSTRUCTIONS_H
#define MAILTREE_INSTRUCTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum instruction_kind {
  INSTRUCTION_NOTHING,          /* comment, blank line, unknown + line */
  INSTRUCTION_BLANK_FIRST,      /* the file begins with a blank line: somebody is editing it */
  INSTRUCTION_PROGRAM,
  INSTRUCTION_MAILDIR,
  INSTRUCTION_MBOX,
  INSTRUCTION_FORWARD,
  INSTRUCTION_FORWARD_ONLY      /* from here on files and programs are refused */
};

struct instruction {
  enum instruction_kind kind;
  char const *text;             /* what the kind works on; not terminated */
  size_t len;
  char const *line;             /* all of it, blanks at its end cut */
  size_t line_len;
};

/* Reads the line that begins at *at and moves *at behind it. False at the end. The last line needs no newline;
   a line counts up to a NUL in it. */
bool instruction_next(struct instruction *to, char const *s, size_t len, size_t *at);

#endif
