/* maildirsize_count: how much is in a Maildir and its folders, by looking. */

#ifndef MAILTREE_MAILDIRSIZE_COUNT_H
#define MAILTREE_MAILDIRSIZE_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include "quota.h"

enum {
  MAILDIRSIZE_FILES_MAX = 10000000,   /* in all directories, those marked T among them */
  MAILDIRSIZE_FOLDERS_MAX = 10000
};

struct maildirsize_count {
  uint64_t files_max, folders_max;
  uint64_t files;               /* looked at */
  struct quota_usage usage;
  bool unsettled;               /* a directory changes in this very moment, and could change without a trace */
  stralloc names;               /* of folders and directories, a NUL behind each */
  genalloc seen;                /* of struct directory_seen */
};
#define MAILDIRSIZE_COUNT_ZERO \
  { .files_max = MAILDIRSIZE_FILES_MAX, .folders_max = MAILDIRSIZE_FOLDERS_MAX, .names = STRALLOC_ZERO, .seen = GENALLOC_ZERO }

/* Counts cur/ and new/ of the directory and of each .Folder in it, one level deep, but .Trash: files that are not marked
   T, by the sizes that their names tell or else they have. Symbolic links count nothing, and no folder is reached
   through one. False with errno; EOVERFLOW for more than either bound. */
bool maildirsize_count(struct maildirsize_count *c, int maildir);

/* Whether what was counted still stands: nothing came or went in any directory since it was looked at. */
bool maildirsize_count_stands(struct maildirsize_count const *c, int maildir);

void maildirsize_count_free(struct maildirsize_count *c);

#endif
