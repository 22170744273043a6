/* control_table: every control file there is. qmail-showctl, its checks and qmail-control(5) speak from this
   one table; a test holds it against the tables of the programs and against the page. */

#ifndef MAILTREE_CONTROL_TABLE_H
#define MAILTREE_CONTROL_TABLE_H

#include <stddef.h>

#include "control_judge.h"

enum control_form {
  FORM_LINE,      /* the first line */
  FORM_NUMBER,    /* the digits it begins with */
  FORM_NAMES,     /* one on each line */
  FORM_MAP,       /* name:value on each line */
  FORM_TEXT,      /* the whole file */
  FORM_CDB        /* made from another file */
};

enum control_effect {
  EFFECT_RELOAD,          /* qmail-send reads it at its start and on HUP */
  EFFECT_SEND_START,      /* the run script of the service reads it */
  EFFECT_SMTPD_START,
  EFFECT_POP3D_START,
  EFFECT_QUEUE_START,
  EFFECT_CONNECTION,      /* a process of its own reads it for each of these */
  EFFECT_DELIVERY,
  EFFECT_MESSAGE,
  EFFECT_MANY,            /* several of the above */
  EFFECT_CDB
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
  enum control_effect effect;
  char const *readers;
  char const *meaning;
  /* the short form: before value after; none: instead of values when the file is absent */
  char const *before, *after, *none;
};

extern struct control_file const control_files[];     /* ends with a null name */
extern size_t const control_file_count;

/* The row of a name, or null. */
struct control_file const *control_file_of(char const *name);

/* "after a change: ..." without its first three words. */
char const *control_effect_text(enum control_effect effect);

char const *control_form_text(enum control_form form);

/* Variables that rules and env/ directories may set; a null ends the list. */
extern char const *const known_variables[];

#endif
