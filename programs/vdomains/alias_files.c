#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <skalibs/strerr.h>

#include "alias_files.h"
#include "dir_file.h"
#include "dir_lock.h"
#include "refuse.h"
#include "text.h"
#include "tree.h"
#include "vname.h"

#define PREFIX ".qmail-"
#define LOCK ".valias.lock"

enum { LOCK_SECONDS = 60 };

static int here(void)
{
  static int fd = -1;
  if (fd == -1) fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1) strerr_diefusys(111, "open the directory of the domain");
  return fd;
}

/* ---- names ---- */

/* Dots of an address are colons in the name of its file, so that one with a dot is found by nobody: what is being
   written. */
bool alias_files_name(stralloc *name, char const *file)
{
  size_t const prefix = strlen(PREFIX);
  if (strncmp(file, PREFIX, prefix) != 0 || !file[prefix] || strchr(file + prefix, '.')) return false;
  text_set(name, file + prefix);
  for (char *c = text_z(name); *c; c++)
    if (*c == ':') *c = '.';
  return true;
}

/* ---- all of them ---- */

struct alias_list { char **files; size_t count, room; };

static void keep(struct alias_list *list, char const *file)
{
  if (list->count == list->room) {
    list->room = list->room ? 2 * list->room : 64;
    list->files = reallocarray(list->files, list->room, sizeof *list->files);
    if (!list->files) die_nomem();
  }
  list->files[list->count] = strdup(file);
  if (!list->files[list->count++]) die_nomem();
}

static void find_all(struct alias_list *list)
{
  static stralloc name = STRALLOC_ZERO;
  DIR *dir = opendir(".");
  struct dirent const *d;
  if (!dir) strerr_diefusys(111, "read the directory of the domain");
  while (errno = 0, d = readdir(dir))
    if (alias_files_name(&name, d->d_name) && strcmp(name.s, "default") != 0) keep(list, d->d_name);
  if (errno) strerr_diefusys(111, "read the directory of the domain");
  closedir(dir);
}

static int compare(void const *a, void const *b)
{
  return strcasecmp(*(char *const *)a, *(char *const *)b);
}

void alias_files_list(void (*each)(char const *name, char const *file))
{
  static stralloc name = STRALLOC_ZERO;
  struct alias_list list = { 0 };
  find_all(&list);
  if (list.count) qsort(list.files, list.count, sizeof *list.files, compare);
  for (size_t i = 0; i < list.count; i++) {
    alias_files_name(&name, list.files[i]);
    each(name.s, list.files[i]);
    free(list.files[i]);
  }
  free(list.files);
}

/* ---- one ---- */

bool alias_files_read(stralloc *text, char const *file)
{
  text->len = 0;
  int r = dir_file_read(text, here(), file, ALIAS_FILE_MAX);
  if (r == -1) {
    strerr_warnwusys("read ", file);
    refuse(VCODE_OPEN_DOT_QMAIL);
  }
  return r;
}

void alias_files_lock(void)
{
  if (dir_lock(here(), LOCK, LOCK_SECONDS) == -1) strerr_diefusys(111, "lock ", LOCK);
}

void alias_files_write(char const *file, stralloc const *text)
{
  if (dir_file_write(here(), file, text->s, text->len)) return;
  strerr_warnwusys("write ", file);
  refuse(VCODE_UPDATE_FILE);
}

void alias_files_remove(char const *file)
{
  if (tree_remove(here(), file)) return;
  strerr_warnwusys("remove ", file);
  refuse(VCODE_UPDATE_FILE);
}
