/* control: read the files in HOME/control, each program by one table.

     static struct control const controls[] = {
       { "timeoutsmtpd", CONTROL_NUMBER, &timeout,  "1200" },
       { "smtpgreeting", CONTROL_LINE,   &greeting, CONTROL_ME },
       { "badmailfrom",  CONTROL_NAMES,  &unwanted, 0 },
       { 0 }
     };

   Reading rules: qmail-control(5). The working directory must be HOME. Names of a large file come from the cdb beside it,
   when that is of the file as it stands (nameset_cdb.h). */

#ifndef MAILTREE_CONTROL_H
#define MAILTREE_CONTROL_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

enum control_kind {
  CONTROL_LINE,     /* stralloc: the first line, trailing blanks cut; an empty file is an empty line */
  CONTROL_NUMBER,   /* unsigned long: leading digits of the first line; no digit first: as if absent */
  CONTROL_NAMES,    /* struct nameset by nameset_list; absent and no default: empty */
  CONTROL_MAP,      /* struct nameset by nameset_map; absent: empty */
  CONTROL_RAW_MAP,  /* the same for a caller with few questions: the lines as they are, for nameset_index */
  CONTROL_TEXT      /* stralloc: the file as it is */
};

struct control {
  char const *file;            /* name in control/, null ends the table */
  enum control_kind kind;
  void *to;
  char const *absent;          /* what an absent file means, or one of the two below */
};

extern char const CONTROL_ME[];        /* control/me; without it the file's own name */
extern char const CONTROL_ME_NEEDED[]; /* control/me; without it control_load fails with ENOENT */
extern char const CONTROL_NEEDED[];    /* the file must exist, or control_load fails with ENOENT */

enum { CONTROL_MAX = 64 << 20 };       /* bytes; a larger file is refused with EFBIG */

/* Loads every row. 1; or 0 with errno and, in *culprit, the path of the file in trouble ("control/x",
   static storage until the next call). Rows already loaded keep their new values. */
int control_load(struct control const *table, char const **culprit);

/* One file as it is, appended. 1, 0 when it does not exist, -1 with errno. */
int control_slurp(stralloc *to, char const *file);

/* The same of a file that stands elsewhere. */
int control_slurp_path(stralloc *to, char const *path);

/* One line into *to. 1, 0 when the file does not exist, -1 with errno. */
int control_line(stralloc *to, char const *file);

/* Whether the file exists: 1, 0, or -1 with errno when that cannot be told. */
int control_exists(char const *file);

/* Like control_load, and when that fails ends the program:
   "PROG: fatal: unable to read control/x: reason", exit 111. */
void control_load_or_die(struct control const *table);

#endif
