#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "dir_control_file.h"
#include "dir_file.h"
#include "dir_lock.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"
#include "user_remove.h"
#include "vpasswd.h"

#define NOTE ".removing"
#define LOCK ".removing.lock"
#define REMOVED ".removed."

enum { LOCK_SECONDS = 60 };

struct removal {
  struct store const *store;
  struct store_domain const *domain;
  char const *path;             /* of the domain's directory */
};

_Noreturn static void trouble(char const *doing, char const *what)
{
  strerr_warnwusys(doing, what);
  refuse(VCODE_UPDATE_FILE);
}

/* ---- the note: a line of vpasswd that has the name and the home alone ---- */

static void note_write(struct removal const *r, struct vpasswd const *record)
{
  stralloc line = STRALLOC_ZERO;
  struct vpasswd const note = { .name = record->name, .dir = record->dir };
  if (!vpasswd_format(&line, &note) || !dir_file_write(r->domain->directory, NOTE, line.s, line.len)) trouble("write ", NOTE);
  stralloc_free(&line);
}

static bool note_read(struct removal const *r, struct vpasswd *note, stralloc *space)
{
  if (dir_file_read(space, r->domain->directory, NOTE, VPASSWD_LINE_MAX + 1) == -1) trouble("read ", NOTE);
  return space->len && vpasswd_parse(note, space->s, space->len) == VPASSWD_RECORD;
}

/* ---- the home ---- */

struct home_place { char slot[DIR_CONTROL_DIR]; char const *name; };

/* Only what stands where this domain makes a home for that user can be taken for one. */
static bool place_of(struct home_place *place, struct removal const *r, struct vpasswd const *record)
{
  static stralloc name = STRALLOC_ZERO;
  size_t const len = strlen(r->path);
  struct field rest = record->dir;
  *place = (struct home_place){ .slot = "" };
  text_setb(&name, record->name.s, record->name.len);
  place->name = text_z(&name);
  if (rest.len <= len || memcmp(rest.s, r->path, len) != 0 || rest.s[len] != '/') return false;
  rest = (struct field){ rest.s + len + 1, rest.len - len - 1 };
  if (rest.len < name.len || memcmp(rest.s + rest.len - name.len, name.s, name.len) != 0) return false;
  rest.len -= name.len;
  if (!rest.len) return true;
  if (rest.s[--rest.len] != '/' || !dir_control_is_dir(rest.s, rest.len)) return false;
  memcpy(place->slot, rest.s, rest.len);
  return true;
}

/* False: it is not there, or not any more. */
static bool home_move(int directory, struct home_place const *place, char const *to)
{
  int parent = openat(directory, *place->slot ? place->slot : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (parent == -1 && errno == ENOENT) return false;
  if (parent == -1) trouble("open ", place->slot);
  bool moved = renameat(parent, place->name, directory, to) == 0;
  if (!moved && errno != ENOENT) trouble("move aside the home of ", place->name);
  if (fsync(parent) == -1 || fsync(directory) == -1) trouble("sync the directory of ", place->name);
  fd_close(parent);
  return moved;
}

/* An earlier home of that name that is not gone yet goes first. */
static void home_leave(struct removal const *r, struct vpasswd const *record)
{
  static stralloc to = STRALLOC_ZERO;
  struct home_place place;
  int directory = r->domain->directory;
  if (!record->dir.len) return;
  if (!place_of(&place, r, record)) {
    strerr_warnw("the home stays, for it is not where the domain has its homes: that of ", place.name);
    return;
  }
  text_set(&to, REMOVED);
  text_add(&to, place.name);
  if (!tree_remove(directory, text_z(&to))) trouble("remove ", to.s);
  if (home_move(directory, &place, to.s) && !dir_control_give_back(directory, place.slot))
    trouble("give back the place of ", place.name);
}

static bool homes_remove(int directory)
{
  int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd == -1 ? 0 : fdopendir(fd);
  struct dirent const *d;
  bool removed = dir;
  while (removed && (errno = 0, d = readdir(dir)))
    if (strncmp(d->d_name, REMOVED, strlen(REMOVED)) == 0) removed = tree_remove(directory, d->d_name);
  removed = removed && !errno;
  int e = errno;
  if (dir) closedir(dir);
  errno = e;
  return removed;
}

/* ---- the order ---- */

static int lock(struct removal const *r)
{
  int fd = dir_lock(r->domain->directory, LOCK, LOCK_SECONDS);
  if (fd == -1) trouble("lock ", LOCK);
  return fd;
}

static bool is_known(struct removal const *r, struct field name)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  enum store_result found = r->store->find(r->domain, &record, &space, name);
  if (found != STORE_DONE && found != STORE_NO_USER) store_refuse(found, r->domain->name);
  stralloc_free(&space);
  return found == STORE_DONE;
}

static void decided(struct removal const *r, struct vpasswd const *record)
{
  home_leave(r, record);
  if (!tree_remove(r->domain->directory, NOTE)) trouble("remove ", NOTE);
}

/* A note of a user who is still there was never decided; what is no whole one, too. */
static void finish_locked(struct removal const *r)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd note = { .uid = 0 };
  if (note_read(r, &note, &space) && is_known(r, note.name)) note.dir.len = 0;
  decided(r, &note);
  stralloc_free(&space);
}

static bool has_note(struct removal const *r)
{
  struct stat st;
  return fstatat(r->domain->directory, NOTE, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

void user_remove_finish(struct store const *store, struct store_domain const *domain, char const *path)
{
  struct removal const r = { store, domain, path };
  int held = has_note(&r) ? lock(&r) : -1;
  if (held != -1) {
    finish_locked(&r);
    fd_close(held);
  }
  if (!homes_remove(domain->directory)) strerr_warnwusys("remove what is left of homes in ", path);
}

static bool remove_locked(struct removal const *r, struct field name)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  enum store_result result = r->store->find(r->domain, &record, &space, name);
  if (result == STORE_DONE) {
    note_write(r, &record);
    result = store_remove(r->store, r->domain, record.name);
  }
  if (result != STORE_DONE && result != STORE_NO_USER) store_refuse(result, r->domain->name);
  if (result == STORE_DONE) decided(r, &record);
  stralloc_free(&space);
  return result == STORE_DONE;
}

bool user_remove(struct store const *store, struct store_domain const *domain, char const *path, struct field name)
{
  struct removal const r = { store, domain, path };
  int held = lock(&r);
  if (has_note(&r)) finish_locked(&r);
  bool removed = remove_locked(&r, name);
  fd_close(held);
  if (!homes_remove(domain->directory)) trouble("remove what is left of homes in ", path);
  return removed;
}
