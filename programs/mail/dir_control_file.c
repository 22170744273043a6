#include <errno.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "dir_control_file.h"
#include "dir_file.h"
#include "dir_lock.h"
#include "tree.h"

#define STATE ".dir-control"
#define FREE ".dir_control_free"
#define LOCK ".dir-control.lock"

enum { LOCK_SECONDS = 60, FILE_MAX = 4 << 20 };         /* bytes; 6 for each freed directory, and comments */

bool dir_control_read(int directory, struct dir_control *c)
{
  stralloc text = STRALLOC_ZERO;
  size_t line;
  bool done = dir_file_read(&text, directory, STATE, FILE_MAX) != -1;
  if (done && !dir_control_parse(c, &line, text.s, text.len)) {
    errno = EPROTO;
    done = false;
  }
  stralloc_free(&text);
  return done;
}

static bool write_state(int directory, struct dir_control const *c)
{
  stralloc text = STRALLOC_ZERO;
  bool done = dir_control_format(&text, c) && dir_file_write(directory, STATE, text.s, text.len);
  stralloc_free(&text);
  return done;
}

/* Freed directories leave their list before the state counts the homes: a crash in between forgets places, and gives none
   away twice. */
static bool take(int directory, char (*dirs)[DIR_CONTROL_DIR], size_t count, stralloc *freed)
{
  struct dir_control c;
  bool from_freed = false;
  if (!dir_control_read(directory, &c)) return false;
  if (dir_file_read(freed, directory, FREE, FILE_MAX) == -1) return false;
  for (size_t i = 0; i < count; i++) {
    dir_control_add(&c);
    bool is_freed = dir_control_take_free(freed, dirs[i]);
    if (!is_freed) memcpy(dirs[i], c.dir, DIR_CONTROL_DIR);
    from_freed |= is_freed;
  }
  if (from_freed && !dir_file_write(directory, FREE, freed->s, freed->len)) return false;
  return write_state(directory, &c);
}

static bool give_back(int directory, char const *dir, stralloc *freed)
{
  struct dir_control c;
  if (!dir_control_read(directory, &c)) return false;
  dir_control_delete(&c);
  if (!write_state(directory, &c)) return false;
  if (!*dir) return true;
  return dir_file_read(freed, directory, FREE, FILE_MAX) != -1 && dir_control_add_free(freed, dir)
      && dir_file_write(directory, FREE, freed->s, freed->len);
}

/* The lock ends with its descriptor. */
static bool end(int lock, stralloc *freed, bool done)
{
  int e = errno;
  stralloc_free(freed);
  fd_close(lock);
  errno = e;
  return done;
}

bool dir_control_take_many(int directory, char (*dirs)[DIR_CONTROL_DIR], size_t count)
{
  stralloc freed = STRALLOC_ZERO;
  int lock = dir_lock(directory, LOCK, LOCK_SECONDS);
  return lock != -1 && end(lock, &freed, take(directory, dirs, count, &freed));
}

bool dir_control_take(int directory, char dir[DIR_CONTROL_DIR])
{
  return dir_control_take_many(directory, (char (*)[DIR_CONTROL_DIR])dir, 1);
}

bool dir_control_give_back(int directory, char const *dir)
{
  stralloc freed = STRALLOC_ZERO;
  if (*dir && !dir_control_is_dir(dir, strlen(dir))) return errno = EINVAL, false;
  int lock = dir_lock(directory, LOCK, LOCK_SECONDS);
  return lock != -1 && end(lock, &freed, give_back(directory, dir, &freed));
}

static bool renew(int directory, size_t users)
{
  struct dir_control c;
  dir_control_fresh(&c);
  for (size_t i = 0; i < users; i++) dir_control_add(&c);
  return tree_remove(directory, FREE) && write_state(directory, &c);
}

bool dir_control_renew(int directory, size_t users)
{
  stralloc none = STRALLOC_ZERO;
  int lock = dir_lock(directory, LOCK, LOCK_SECONDS);
  return lock != -1 && end(lock, &none, renew(directory, users));
}
