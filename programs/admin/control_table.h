/* control_table: every control file and every variable there is, made of the text table "settings" when the programs are
   built. It is no file to be read: what tells of a damaged installation must not need it. */

#ifndef MAILTREE_CONTROL_TABLE_H
#define MAILTREE_CONTROL_TABLE_H

#include <stddef.h>

#include "control_judge.h"

enum control_form {
  FORM_LINE,      /* the first line */
  FORM_NUMBER,    /* the digits it begins with */
  FORM_NAMES,     /* one on each line */
  FORM_MAP,       /* name:value on each line */
  FORM_SECRETS,   /* the same, which is for one user alone and is not shown */
  FORM_TEXT,      /* the whole file */
  FORM_CDB        /* made from another file */
};

/* What stands for an absent file: a literal text, nothing (null), or the value of control/me. */
extern char const ABSENT_ME[];

enum control_who {
  OF_FAMILY,      /* every qmail has it: the short form shows it always */
  OF_OURS         /* the short form shows it when it exists */
};

struct control_file {
  char const *name;
  enum control_who who;
  enum control_form form;
  char const *absent;
  unsigned long most;         /* a number above this is cut to it, or foolish; 0: any */
  judge *judge;               /* of one line, or null */
  char const *change;         /* what to do after one */
  char const *readers;
  char const *meaning;
  /* the short form: before value after; none: instead of values when the file is absent */
  char const *before, *after, *none;
};

extern struct control_file const control_files[];     /* ends with a null name */
extern size_t const control_file_count;

/* The row of a name, or null. */
struct control_file const *control_file_of(char const *name);

char const *control_form_text(enum control_form form);

/* Variables that env/ directories may set, and those among them that rules may; a null ends each list. */
extern char const *const known_variables[];
extern char const *const rule_variable_names[];

#endif
