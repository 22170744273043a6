/* findings: what was found wrong with a configuration, in sentences. */

#ifndef MAILTREE_FINDINGS_H
#define MAILTREE_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "control_dir.h"

struct finding {
  char const *where;      /* "control/locals", from HOME, or absolute; owned by the list */
  size_t line;            /* 0: the file as a whole */
  char const *text;       /* what is wrong; owned by the list */
  bool is_note;           /* may well be meant so */
  bool stops;             /* because of it nothing is made of the file */
};

struct findings {
  struct finding *list;
  size_t count, room;
};

size_t findings_problems(struct findings const *f);

/* Any place; the texts are copied. */
void finding_add(struct findings *to, struct finding const *f);

/* About a file in control/; a problem's sentence may come in three parts. */
void problem(struct findings *to, char const *file, char const *a, char const *b, char const *c);
void note(struct findings *to, char const *file, size_t line, char const *text);

/* A sentence about a line, which is shown behind it. */
void problem_line(struct findings *to, char const *file, struct control_line const *line, char const *why);

/* The same without the line's text, which nobody is to see. */
void problem_secret(struct findings *to, char const *file, struct control_line const *line, char const *why);

#endif
