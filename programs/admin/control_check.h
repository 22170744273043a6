/* control_check: what is wrong with a configuration, in sentences. */

#ifndef MAILTREE_CONTROL_CHECK_H
#define MAILTREE_CONTROL_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "control_dir.h"

struct finding {
  char const *where;      /* "control/locals", from HOME or absolute; owned by the list */
  size_t line;            /* 0: the file as a whole */
  char const *text;       /* what is wrong; owned by the list */
  bool is_note;           /* may well be meant so */
};

struct findings {
  struct finding *list;
  size_t count, room;
};

/* Each adds what it finds. */
void check_control_file(struct findings *to, struct control_dir const *dir, struct control_file const *file);
void check_control_unknown(struct findings *to, struct control_dir const *dir);
void check_control_together(struct findings *to, struct control_dir const *dir);

/* Names of variables in a text of rules ("...:allow,RELAYCLIENT=..."), as in tcp.smtp. */
void check_rule_variables(struct findings *to, char const *path, stralloc const *rules);

/* One name of a variable found at path. */
void check_variable(struct findings *to, char const *path, size_t line, char const *name);

/* All of the above, with rules and service directories. Working directory: HOME. */
void check_everything(struct findings *to, struct control_dir const *dir);

size_t findings_problems(struct findings const *f);

#endif
