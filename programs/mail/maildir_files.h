/* maildir_files: the messages of a Maildir, the oldest first. */

#ifndef MAILTREE_MAILDIR_FILES_H
#define MAILTREE_MAILDIR_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

struct maildir_file { size_t name; time_t when; };      /* where its name, such as new/x, begins in names; its mtime */

struct maildir_files {
  stralloc names;
  genalloc list;            /* struct maildir_file */
};
#define MAILDIR_FILES_ZERO { STRALLOC_ZERO, GENALLOC_ZERO }

/* Adds those of a part, new or cur, of the Maildir that is the working directory: whose mtime is before the moment. False with errno. */
bool maildir_files_add(struct maildir_files *f, char const *part, time_t before);

void maildir_files_sort(struct maildir_files *f);

static inline size_t maildir_files_count(struct maildir_files const *f) { return genalloc_len(struct maildir_file, &f->list); }

static inline struct maildir_file const *maildir_files_get(struct maildir_files const *f, size_t i)
{
  return genalloc_s(struct maildir_file const, &f->list) + i;
}

static inline char const *maildir_files_name(struct maildir_files const *f, size_t i)
{
  return f->names.s + maildir_files_get(f, i)->name;
}

#endif
