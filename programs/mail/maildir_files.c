#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "maildir_files.h"
#include "text.h"

static bool add_file(struct maildir_files *f, char const *part, char const *name, time_t before)
{
  struct stat st;
  struct maildir_file file = { f->names.len, 0 };
  text_add(&f->names, part);
  text_add(&f->names, "/");
  text_addb(&f->names, name, strlen(name) + 1);
  if (stat(f->names.s + file.name, &st) == -1 && errno != ENOENT) return false;
  file.when = st.st_mtime;
  if (errno == ENOENT || !S_ISREG(st.st_mode) || st.st_mtime >= before) f->names.len = file.name;
  else if (!genalloc_append(struct maildir_file, &f->list, &file)) memory_gone();
  return true;
}

bool maildir_files_add(struct maildir_files *f, char const *part, time_t before)
{
  DIR *dir = opendir(part);
  struct dirent const *d;
  bool good = dir;
  if (!dir) return false;
  while (good && (errno = 0, d = readdir(dir)))
    if (*d->d_name != '.') errno = 0, good = add_file(f, part, d->d_name, before);
  int e = errno;
  closedir(dir);
  errno = e;
  return good && !e;
}

static int by_age(void const *a, void const *b)
{
  struct maildir_file const *x = a, *y = b;
  if (x->when != y->when) return x->when < y->when ? -1 : 1;
  return x->name < y->name ? -1 : x->name > y->name;
}

void maildir_files_sort(struct maildir_files *f)
{
  if (maildir_files_count(f)) qsort(f->list.s, maildir_files_count(f), sizeof(struct maildir_file), by_age);
}
