/* control_dir: HOME/control as it is at this moment, every known file and the names of the others. */

#ifndef MAILTREE_CONTROL_DIR_H
#define MAILTREE_CONTROL_DIR_H

#include <stdbool.h>
#include <sys/stat.h>

#include <skalibs/stralloc.h>

#include "control_table.h"
#include "nameset_cdb.h"

enum control_presence { IS_ABSENT, IS_PRESENT, IS_TROUBLE };

struct control_state {
  enum control_presence presence;
  int error;              /* of IS_TROUBLE */
  stralloc text;          /* of IS_PRESENT, as it is */
  struct stat st;
};

struct control_dir {
  struct control_state *states;   /* one for each row of control_files */
  stralloc unknown;               /* names without a row, sorted, each with a NUL; dot names are left out */
};

/* Reads it all. False with errno when the directory itself cannot be read. Working directory: HOME. */
bool control_dir_load(struct control_dir *dir);

struct control_state const *control_state_of(struct control_dir const *dir, char const *name);

/* Of a row that is the cdb of a text which is the truth itself (nameset_cdb.h): as it is on disk now. */
enum nameset_cdb_state cdb_state_of(struct control_file const *file);

/* One line of a text: from *at, up to LF or the end, trailing blanks cut; *at moves on. False at the end. */
struct control_line {
  char const *s;
  size_t len;
  size_t number;        /* counted from 1 */
};
bool control_next_line(stralloc const *text, size_t *at, struct control_line *line);

/* The same, without empty lines and comments. */
bool control_next_entry(stralloc const *text, size_t *at, struct control_line *line);

/* The value of a row that is one line or number: the file's, or what its absence means. *is_default tells which;
   false when there is none at all. */
bool control_value(struct control_dir const *dir, struct control_file const *file, stralloc *value, bool *is_default);

#endif
