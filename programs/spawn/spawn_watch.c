#include <string.h>

#include "spawn_watch.h"

/* With its gaps, since it is compared as bytes. */
static struct spawn_stamp stamp_of(struct stat const *st)
{
  struct spawn_stamp s;
  memset(&s, 0, sizeof s);
  s.dev = st->st_dev;
  s.ino = st->st_ino;
  s.size = st->st_size;
  s.changed = st->st_ctim;
  s.modified = st->st_mtim;
  return s;
}

static bool stamp_anew(struct spawn_stamp *old, char const *path, struct stat *st)
{
  if (!path || stat(path, st) == -1) memset(st, 0, sizeof *st);
  struct spawn_stamp now = stamp_of(st);
  bool same = !memcmp(old, &now, sizeof now);
  *old = now;
  return same;
}

bool spawn_watch_sees_change(struct spawn_watch *w, char const *program, char const *const *files, struct stat *st)
{
  struct stat of_file;
  bool same = stamp_anew(&w->program, program, st);
  for (size_t i = 0; i < SPAWN_WATCHED_MAX && files[i]; i++)
    if (!stamp_anew(w->files + i, files[i], &of_file)) same = false;
  return !same;
}
