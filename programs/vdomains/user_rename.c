#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "home_place.h"
#include "home_swap.h"
#include "store_refuse.h"
#include "text.h"
#include "user_rename.h"

#define NOTE ".renaming"

enum { TRIES = 10 };                    /* while others change him */

struct renaming {
  struct store_domain const *domain;
  char const *path;                     /* of the domain's directory */
};

/* ---- the order ---- */

static void sync_parent(int parent, char const *name)
{
  if (fsync(parent) == -1) home_trouble("sync the directory of ", name);
}

static void complete(int parent, char const *from, char const *to)
{
  home_swap_decided((struct home_end){ parent, from }, (struct home_end){ parent, to });
  sync_parent(parent, to);
  home_swap_unlink((struct home_end){ parent, from });
  sync_parent(parent, from);
}

static void undo(int parent, char const *to)
{
  home_swap_unlink((struct home_end){ parent, to });
  sync_parent(parent, to);
}

/* The note has the old name and home, and the new name where the comment is. */
static void finish_locked(struct renaming const *r)
{
  static struct home_place place = HOME_PLACE_ZERO;
  stralloc space = STRALLOC_ZERO, to = STRALLOC_ZERO;
  struct vpasswd note;
  bool whole = home_note_read(r->domain->directory, NOTE, &note, &space);
  int parent = whole && home_place_find(&place, r->path, &note) ? home_place_open(&place, r->domain->directory) : -1;
  if (parent != -1) {
    text_setb(&to, note.comment.s, note.comment.len);
    bool decided = home_user_is_known(r->domain, note.comment) && !home_user_is_known(r->domain, note.name);
    if (decided) complete(parent, place.name.s, text_z(&to));
    else undo(parent, text_z(&to));
    fd_close(parent);
  }
  home_note_remove(r->domain->directory, NOTE);
  stralloc_free(&space);
  stralloc_free(&to);
}

void user_rename_finish(struct store_domain const *domain, char const *path)
{
  struct renaming const r = { domain, path };
  if (!home_note_is_there(domain->directory, NOTE)) return;
  int held = home_place_lock(domain->directory);
  finish_locked(&r);
  fd_close(held);
}

/* ---- one ---- */

static enum vcode change_records(struct renaming const *r, struct vpasswd const *record, struct field to, struct field dir)
{
  struct vpasswd new = *record;
  size_t culprit;
  new.name = to;
  new.dir = dir;
  struct store_edit const edits[] = {
    { .deed = STORE_REMOVE, .record = *record, .fields = STORE_DIR },
    { .deed = STORE_ADD, .record = new }
  };
  return store_code(store_edit(r->domain, edits, 2, &culprit), r->domain->name);
}

static struct field new_home(struct renaming const *r, struct home_place const *place, char const *to)
{
  static stralloc dir = STRALLOC_ZERO;
  text_set(&dir, r->path);
  text_addc(&dir, '/');
  text_add(&dir, place->slot);
  if (*place->slot) text_addc(&dir, '/');
  text_add(&dir, to);
  return (struct field){ dir.s, dir.len };
}

/* What is in trouble is left to whoever finishes it. */
static enum vcode with_home(struct renaming const *r, struct home_place const *place, int parent, struct vpasswd const *record,
                            struct field to)
{
  stralloc name = STRALLOC_ZERO;
  text_setb(&name, to.s, to.len);
  text_z(&name);
  home_note_write(r->domain->directory, NOTE, &(struct vpasswd){ .name = record->name, .comment = to, .dir = record->dir });
  if (!home_swap_begin((struct home_end){ parent, name.s })) {
    home_note_remove(r->domain->directory, NOTE);
    return VCODE_USER_DIR_EXISTS;
  }
  sync_parent(parent, name.s);
  enum vcode code = change_records(r, record, to, new_home(r, place, name.s));
  if (code == VCODE_UPDATE_FILE) return code;
  if (code == VCODE_OK) complete(parent, place->name.s, name.s);
  else undo(parent, name.s);
  home_note_remove(r->domain->directory, NOTE);
  stralloc_free(&name);
  return code;
}

static enum vcode rename_once(struct renaming const *r, struct field from, struct field to)
{
  static struct home_place place = HOME_PLACE_ZERO;
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  enum store_result result = store_find(r->domain, &record, &space, from);
  if (result != STORE_DONE) return store_code(result, r->domain->name);
  int parent = home_place_find(&place, r->path, &record) ? home_place_open(&place, r->domain->directory) : -1;
  if (parent == -1) return change_records(r, &record, to, record.dir);
  enum vcode code = with_home(r, &place, parent, &record, to);
  fd_close(parent);
  return code;
}

enum vcode user_rename(struct store_domain const *domain, char const *path, struct field from,
                       struct field to)
{
  struct renaming const r = { domain, path };
  store_refuse_read_only(domain);
  int held = home_place_lock(domain->directory);
  enum vcode code = VCODE_NO_USER;
  if (home_note_is_there(domain->directory, NOTE)) finish_locked(&r);
  if (home_user_is_known(domain, to)) return VCODE_USERNAME_EXISTS;
  for (int i = 0; i < TRIES && code == VCODE_NO_USER && home_user_is_known(domain, from); i++) code = rename_once(&r, from, to);
  fd_close(held);
  return code;
}
