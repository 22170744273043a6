#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/strerr.h>

#include "dir_file.h"
#include "dir_lock.h"
#include "home_place.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"

#define LOCK ".removing.lock"

enum { LOCK_SECONDS = 60 };

_Noreturn void home_trouble(char const *doing, char const *what)
{
  strerr_warnwusys(doing, what);
  refuse(VCODE_UPDATE_FILE);
}

/* ---- the place ---- */

bool home_place_find(struct home_place *place, char const *path, struct vpasswd const *record)
{
  size_t const len = strlen(path);
  struct field const name = record->name;
  struct field rest = record->dir;
  memset(place->slot, 0, sizeof place->slot);
  text_setb(&place->name, name.s, name.len);
  text_z(&place->name);
  if (rest.len <= len || memcmp(rest.s, path, len) != 0 || rest.s[len] != '/') return false;
  rest = (struct field){ rest.s + len + 1, rest.len - len - 1 };
  if (rest.len < name.len || memcmp(rest.s + rest.len - name.len, name.s, name.len) != 0) return false;
  rest.len -= name.len;
  if (!rest.len) return true;
  if (rest.s[--rest.len] != '/' || !dir_control_is_dir(rest.s, rest.len)) return false;
  memcpy(place->slot, rest.s, rest.len);
  return true;
}

int home_place_open(struct home_place const *place, int directory)
{
  int fd = openat(directory, *place->slot ? place->slot : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd == -1 && errno != ENOENT) home_trouble("open ", place->slot);
  return fd;
}

int home_place_lock(int directory)
{
  int fd = dir_lock(directory, LOCK, LOCK_SECONDS);
  if (fd == -1) home_trouble("lock ", LOCK);
  return fd;
}

/* ---- notes ---- */

void home_note_write(int directory, char const *file, struct vpasswd const *note)
{
  stralloc line = STRALLOC_ZERO;
  if (!vpasswd_format(&line, note) || !dir_file_write(directory, file, line.s, line.len)) home_trouble("write ", file);
  stralloc_free(&line);
}

bool home_note_read(int directory, char const *file, struct vpasswd *note, stralloc *space)
{
  if (dir_file_read(space, directory, file, VPASSWD_LINE_MAX + 1) == -1) home_trouble("read ", file);
  return space->len && vpasswd_parse(note, space->s, space->len) == VPASSWD_RECORD;
}

void home_note_remove(int directory, char const *file)
{
  if (!tree_remove(directory, file)) home_trouble("remove ", file);
}

bool home_note_is_there(int directory, char const *file)
{
  struct stat st;
  bool there = fstatat(directory, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
  if (!there && errno != ENOENT) home_trouble("look at ", file);
  return there;
}

bool home_user_is_known(struct store_domain const *domain, struct field name)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  enum store_result found = store_find(domain, &record, &space, name);
  if (found != STORE_DONE && found != STORE_NO_USER) store_refuse(found, domain->name);
  stralloc_free(&space);
  return found == STORE_DONE;
}
