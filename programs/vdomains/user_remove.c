#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "dir_control_file.h"
#include "home_lines.h"
#include "home_place.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"
#include "user_move.h"
#include "user_remove.h"
#include "user_rename.h"
#include "vpasswd.h"

#define NOTE ".removing"
#define REMOVED ".removed."

struct removal {
  struct store_domain const *domain;
  char const *path;             /* of the domain's directory */
};

/* ---- the home ---- */

/* False: it is not there, or not any more. */
static bool home_move(int directory, struct home_place const *place, char const *to)
{
  int parent = home_place_open(place, directory);
  if (parent == -1) return false;
  bool moved = renameat(parent, place->name.s, directory, to) == 0;
  if (!moved && errno != ENOENT) home_trouble("move aside the home of ", place->name.s);
  if (fsync(parent) == -1 || fsync(directory) == -1) home_trouble("sync the directory of ", place->name.s);
  fd_close(parent);
  return moved;
}

/* Who gets the name and the home some day shall not be opened by his app passwords. */
static void lines_drop(struct vpasswd const *record)
{
  if (!home_lines_rename(record->dir, record->name, (struct field){ "", 0 })) strerr_warnwusys("remove what is his in the home that stays");
}

/* An earlier home of that name that is not gone yet goes first. */
static void home_leave(struct removal const *r, struct vpasswd const *record)
{
  static stralloc to = STRALLOC_ZERO;
  static struct home_place place = HOME_PLACE_ZERO;
  int directory = r->domain->directory;
  if (!record->dir.len) return;
  if (!home_place_find(&place, r->path, record)) {
    strerr_warnw("the home stays, for it is not where the domain has its homes: that of ", place.name.s);
    lines_drop(record);
    return;
  }
  text_set(&to, REMOVED);
  text_add(&to, place.name.s);
  if (!tree_remove(directory, text_z(&to))) home_trouble("remove ", to.s);
  if (home_move(directory, &place, to.s) && !dir_control_give_back(directory, place.slot))
    home_trouble("give back the place of ", place.name.s);
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

static void decided(struct removal const *r, struct vpasswd const *record)
{
  home_leave(r, record);
  home_note_remove(r->domain->directory, NOTE);
}

/* A note of a user who is still there was never decided; what is no whole one, too. */
static void finish_locked(struct removal const *r)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd note = { .uid = 0 };
  bool whole = home_note_read(r->domain->directory, NOTE, &note, &space);
  if (whole && home_user_is_known(r->domain, note.name)) note.dir.len = 0;
  decided(r, &note);
  stralloc_free(&space);
}

void user_remove_finish(struct store_domain const *domain, char const *path)
{
  struct removal const r = { domain, path };
  user_rename_finish(domain, path);
  user_move_finish(domain, path);
  int held = home_note_is_there(domain->directory, NOTE) ? home_place_lock(domain->directory) : -1;
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
  enum store_result result = store_find(r->domain, &record, &space, name);
  if (result == STORE_DONE) {
    home_note_write(r->domain->directory, NOTE, &(struct vpasswd){ .name = record.name, .dir = record.dir });
    result = store_remove(r->domain, record.name);
  }
  if (result != STORE_DONE && result != STORE_NO_USER) store_refuse(result, r->domain->name);
  if (result == STORE_DONE) decided(r, &record);
  stralloc_free(&space);
  return result == STORE_DONE;
}

bool user_remove(struct store_domain const *domain, char const *path, struct field name)
{
  struct removal const r = { domain, path };
  store_refuse_read_only(domain);
  int held = home_place_lock(domain->directory);
  if (home_note_is_there(domain->directory, NOTE)) finish_locked(&r);
  bool removed = remove_locked(&r, name);
  fd_close(held);
  if (!homes_remove(domain->directory)) home_trouble("remove what is left of homes in ", path);
  return removed;
}
