#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/genalloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "die.h"
#include "queue_path.h"
#include "takeover_find.h"

enum { GENERATIONS = 100 };

static char const *const kinds[OLD_KINDS] = {
  [OLD_MESS] = "mess", [OLD_TODO] = "todo", [OLD_INTD] = "intd", [OLD_INFO] = "info", [OLD_LOCAL] = "local",
  [OLD_REMOTE] = "remote", [OLD_PID] = "pid"
};

char const *old_kind_name(int kind)
{
  return kinds[kind];
}

struct old_file const *old_file_of(struct old_message const *m, int kind)
{
  for (size_t i = 0; i < m->count; i++)
    if (m->files[i].kind == kind) return m->files + i;
  return 0;
}

/* The directory of a kind and generation; mess stays where it is. */
static void old_place(char path[OLD_PATH_MAX], int kind, int generation)
{
  if (kind == OLD_MESS) snprintf(path, OLD_PATH_MAX, "mess");
  else snprintf(path, OLD_PATH_MAX, "takeover/%s.%d", kinds[kind], generation);
}

void old_path(char path[OLD_PATH_MAX], struct old_file const *f)
{
  char place[OLD_PATH_MAX], split[16] = "";
  old_place(place, f->kind, f->generation);
  if (f->split != OLD_UNSPLIT) snprintf(split, sizeof split, "/%d", f->split);
  snprintf(path, OLD_PATH_MAX, "%.40s%s/%" PRIu64, place, split, f->id);
}

/* ---- gathering ---- */

static void gather_kind(int kind)
{
  char to[OLD_PATH_MAX];
  for (int g = 0; g < GENERATIONS; g++) {
    old_place(to, kind, g);
    if (rename(kinds[kind], to) == 0) return;
    if (errno != ENOTEMPTY && errno != EEXIST) break;
  }
  strerr_diefusys(111, "move ", kinds[kind], " to ", to);
}

bool old_gather(void)
{
  struct stat st;
  bool any = lstat("takeover", &st) == 0;
  /* pid first: then no old qmail-queue begins, and todo before info: then none ends. */
  static int const order[] = { OLD_PID, OLD_TODO, OLD_INTD, OLD_INFO, OLD_LOCAL, OLD_REMOTE };
  for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
    if (lstat(kinds[order[i]], &st) == -1) {
      if (errno != ENOENT) strerr_diefusys(111, "stat ", kinds[order[i]]);
      continue;
    }
    if (!any && mkdir("takeover", 0700) == -1) strerr_diefusys(111, "create ", "takeover");
    any = true;
    gather_kind(order[i]);
  }
  return any;
}

/* ---- finding ---- */

static genalloc files = GENALLOC_ZERO;    /* struct old_file */

static bool small_number(char const *s, int *number)
{
  unsigned n;
  if (strlen(s) > 4 || !uint0_scan(s, &n)) return false;
  *number = (int)n;
  return true;
}

static bool is_directory(DIR *dir, char const *name)
{
  struct stat st;
  if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
    if (errno == ENOENT) return false;
    strerr_diefusys(111, "stat ", name);
  }
  return S_ISDIR(st.st_mode);
}

static DIR *directory(char const *path)
{
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd == -1 && errno == ENOENT) return 0;
  DIR *dir = fd == -1 ? 0 : fdopendir(fd);
  if (!dir) strerr_diefusys(111, "open ", path);
  return dir;
}

/* A crash of qmail-takeover leaves a dot-name beside the file it was about to replace; nobody else makes such. */
static void entry(DIR *dir, struct old_file at, char const *name, void (*into)(struct old_file))
{
  if (name[0] == '.' && at.kind == OLD_MESS && at.split != OLD_UNSPLIT && name[1] >= '1' && name[1] <= '9')
    unlinkat(dirfd(dir), name, 0);
  int split;
  if (into && small_number(name, &split) && is_directory(dir, name)) {
    at.split = split;
    into(at);
  } else if (queue_id_scan(name, strlen(name), &at.id) && !genalloc_append(struct old_file, &files, &at)) die_nomem();
}

static void walk(struct old_file at, void (*into)(struct old_file))
{
  char path[OLD_PATH_MAX], split[16] = "";
  old_place(path, at.kind, at.generation);
  if (at.split != OLD_UNSPLIT) snprintf(split, sizeof split, "/%d", at.split);
  strncat(path, split, sizeof path - strlen(path) - 1);
  DIR *dir = directory(path);
  if (!dir) return;
  errno = 0;
  for (struct dirent const *d; (d = readdir(dir)); errno = 0) entry(dir, at, d->d_name, into);
  if (errno) strerr_diefusys(111, "read ", path);
  closedir(dir);
}

static void walk_split(struct old_file at)
{
  walk(at, 0);
}

static int by_number(void const *a, void const *b)
{
  struct old_file const *x = a, *y = b;
  if (x->id != y->id) return x->id < y->id ? -1 : 1;
  return x->kind - y->kind;
}

struct old_file *old_find(size_t *count)
{
  walk((struct old_file){ .kind = OLD_MESS, .split = OLD_UNSPLIT }, walk_split);
  for (int kind = OLD_TODO; kind < OLD_PID; kind++)
    for (int g = 0; g < GENERATIONS; g++)
      walk((struct old_file){ .kind = kind, .generation = g, .split = OLD_UNSPLIT }, walk_split);
  *count = genalloc_len(struct old_file, &files);
  if (*count) qsort(genalloc_s(struct old_file, &files), *count, sizeof(struct old_file), by_number);
  return genalloc_s(struct old_file, &files);
}

/* ---- removing ---- */

static void remove_split_directories(char const *path, int least)
{
  DIR *dir = directory(path);
  if (!dir) return;
  int split;
  for (struct dirent const *d; (d = readdir(dir));)
    if (small_number(d->d_name, &split) && split >= least) unlinkat(dirfd(dir), d->d_name, AT_REMOVEDIR);
  closedir(dir);
}

/* A file there never was more than a way to a number. */
static void remove_pid_files(char const *path)
{
  DIR *dir = directory(path);
  if (!dir) return;
  for (struct dirent const *d; (d = readdir(dir));)
    if (d->d_name[0] != '.') unlinkat(dirfd(dir), d->d_name, 0);
  closedir(dir);
}

static void remove_place(int kind, int generation)
{
  char path[OLD_PATH_MAX];
  old_place(path, kind, generation);
  if (kind == OLD_PID) remove_pid_files(path);
  remove_split_directories(path, 0);
  if (rmdir(path) == -1 && errno != ENOENT) strerr_warnwusys("remove ", path);
}

void old_remove_directories(void)
{
  for (int kind = OLD_TODO; kind < OLD_KINDS; kind++)
    for (int g = 0; g < GENERATIONS; g++) remove_place(kind, g);
  remove_split_directories("mess", QUEUE_SPLIT);
  if (rmdir("takeover") == -1) strerr_warnwusys("remove ", "takeover");
}
