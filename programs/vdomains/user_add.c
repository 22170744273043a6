#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "dir_control_file.h"
#include "dir_lock.h"
#include "limits.h"
#include "nameset.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"
#include "user_add.h"
#include "user_home.h"
#include "user_remove.h"

#define LIMIT_LOCK ".adding.lock"
enum { LOCK_SECONDS = 60 };

struct addition {
  struct store_domain const *domain;
  char const *path;                     /* of the domain's directory */
  struct vpasswd *records;
  size_t count;
  char (*dirs)[DIR_CONTROL_DIR];        /* where in it each home goes */
};

/* ---- homes ---- */

static struct field path_of(char const *domain, char const *dir, struct field name)
{
  stralloc path = STRALLOC_ZERO;
  text_set(&path, domain);
  text_addc(&path, '/');
  text_add(&path, dir);
  if (*dir) text_addc(&path, '/');
  text_addb(&path, name.s, name.len);
  return (struct field){ text_z(&path), path.len };
}

/* Homes that follow each other mostly stand in the same directory. */
static int parent_open(struct addition const *a, size_t i)
{
  static int parent = -1;
  if (parent != -1 && i && strcmp(a->dirs[i - 1], a->dirs[i]) == 0) return parent;
  if (parent != -1) fd_close(parent);
  parent = tree_enter_path(a->domain->directory, a->dirs[i], 0750);
  return parent;
}

static enum vcode home_make(struct addition const *a, size_t i)
{
  struct field const home = a->records[i].dir;
  int parent = parent_open(a, i);
  enum vcode made = VCODE_MAKE_USER_DIRS;
  char const *name = home.s + home.len - a->records[i].name.len;
  if (parent != -1) made = (a->count == 1 ? user_home_make : user_home_make_unsynced)(parent, name);
  if (made == VCODE_OK && !user_home_note_new(parent, name)) made = VCODE_MAKE_USER_DIRS;
  if (made == VCODE_MAKE_USER_DIRS) strerr_warnwusys("make ", home.s);
  return made;
}

/* Many are on disk at once; one after the other each would wait for it. */
static enum vcode homes_make(struct addition const *a, size_t *culprit)
{
  for (size_t i = 0; i < a->count; i++) {
    *culprit = i;
    a->records[i].dir = path_of(a->path, a->dirs[i], a->records[i].name);
    enum vcode made = home_make(a, i);
    if (made != VCODE_OK) return made;
  }
  if (a->count == 1 || syncfs(a->domain->directory) == 0) return VCODE_OK;
  strerr_warnwusys("sync ", a->path);
  return VCODE_MAKE_USER_DIRS;
}

/* ---- records ---- */

static enum vcode records_add(struct addition const *a, size_t *culprit)
{
  struct store_edit *edits = calloc(a->count, sizeof *edits);
  if (!edits) die_nomem();
  for (size_t i = 0; i < a->count; i++) edits[i] = (struct store_edit){ .deed = STORE_ADD, .record = a->records[i] };
  enum store_result r = store_edit(a->domain, edits, a->count, culprit);
  free(edits);
  return store_code(r, a->domain->name);
}

static enum vcode is_known(struct addition const *a)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  enum store_result found = store_find(a->domain, &record, &space, a->records[0].name);
  stralloc_free(&space);
  if (found == STORE_NO_USER) return VCODE_OK;
  return store_code(found == STORE_DONE ? STORE_EXISTS : found, a->domain->name);
}

static bool name_keep(void *names, struct vpasswd const *record)
{
  text_addb(names, record->name.s, record->name.len);
  text_addc(names, '\n');
  return true;
}

/* Of many no file is opened for each. It spares homes that would be made in vain; what counts is found when the records
   are added. */
static enum vcode first_known(struct addition const *a, size_t *culprit)
{
  stralloc names = STRALLOC_ZERO;
  struct nameset known = NAMESET_ZERO;
  if (a->count == 1) return is_known(a);
  enum store_result listed = store_list(a->domain, name_keep, &names);
  if (listed != STORE_DONE) return store_code(listed, a->domain->name);
  if (!nameset_list(&known, names.s, names.len)) die_nomem();
  stralloc_free(&names);
  size_t i = 0;
  while (i < a->count && !nameset_has(&known, a->records[i].name.s, a->records[i].name.len)) i++;
  nameset_free(&known);
  if (i == a->count) return VCODE_OK;
  *culprit = i;
  return VCODE_USERNAME_EXISTS;
}

/* ---- the order ---- */

static enum vcode add_in_places(struct addition const *a, size_t *culprit)
{
  enum vcode code = homes_make(a, culprit);
  if (code == VCODE_OK) code = records_add(a, culprit);
  for (size_t i = 0; code != VCODE_OK && i < a->count; i++) dir_control_give_back(a->domain->directory, a->dirs[i]);
  return code;
}

static enum vcode add_all(struct addition *a, size_t *culprit)
{
  enum vcode code = first_known(a, culprit);
  if (code != VCODE_OK) return code;
  a->dirs = calloc(a->count, sizeof *a->dirs);
  if (!a->dirs) die_nomem();
  if (dir_control_take_many(a->domain->directory, a->dirs, a->count)) code = add_in_places(a, culprit);
  else {
    strerr_warnwusys("find a place for the home in ", a->path);
    code = VCODE_MAKE_USER_DIRS;
  }
  free(a->dirs);
  return code;
}

static enum vcode add_many(struct store_domain const *domain, char const *path, struct vpasswd *records, size_t count, size_t *culprit)
{
  struct addition a = { domain, path, records, count, 0 };
  *culprit = 0;
  store_refuse_read_only(domain);
  user_remove_finish(domain, path);
  return count ? add_all(&a, culprit) : VCODE_OK;
}

/* ---- how many ---- */

static bool count_one(void *count, struct vpasswd const *record)
{
  (void)record;
  ++*(uint64_t *)count;
  return true;
}

static int64_t most_users(struct store_domain const *domain)
{
  struct vlimits limits;
  limits_read(&limits, domain->directory);
  return limits.value[VLIMIT_MAXPOPACCOUNTS];
}

void user_add_refuse_too_many(struct store_domain const *domain, size_t more)
{
  uint64_t count = more;
  int64_t const most = most_users(domain);
  if (most < 0 || !more) return;
  enum store_result listed = store_list(domain, count_one, &count);
  if (listed != STORE_DONE) store_refuse(listed, domain->name);
  if (count > (uint64_t)most) refuse_in_words(REFUSE_NO, "Error: the domain may not have so many users: vmoddomlimits");
}

/* Of two that count at the same time neither would see who the other one adds. -1: there is no limit. */
static int limit_lock(struct store_domain const *domain, size_t count)
{
  if (!count || most_users(domain) < 0) return -1;
  int fd = dir_lock(domain->directory, LIMIT_LOCK, LOCK_SECONDS);
  if (fd == -1) strerr_diefusys(REFUSE_MACHINE, "lock " LIMIT_LOCK " of ", domain->name);
  return fd;
}

enum vcode user_add_many(struct store_domain const *domain, char const *path, struct vpasswd *records, size_t count, size_t *culprit)
{
  int lock = limit_lock(domain, count);
  user_add_refuse_too_many(domain, count);
  enum vcode code = add_many(domain, path, records, count, culprit);
  if (lock != -1) fd_close(lock);
  return code;
}

/* ---- one ---- */

_Noreturn static void refuse_one(enum vcode code)
{
  if (code == VCODE_USERNAME_EXISTS) refuse_saying(code, "User already exists");
  refuse(code);
}

void user_add_refuse_known(struct store_domain const *domain, struct field name)
{
  struct vpasswd record = { .name = name };
  struct addition const a = { domain, "", &record, 1, 0 };
  size_t culprit;
  enum vcode code = first_known(&a, &culprit);
  if (code != VCODE_OK) refuse_one(code);
}

void user_add(struct store_domain const *domain, char const *path, struct vpasswd record)
{
  size_t culprit;
  enum vcode code = user_add_many(domain, path, &record, 1, &culprit);
  if (code != VCODE_OK) refuse_one(code);
}

void user_add_first(struct store_domain const *domain, char const *path, struct vpasswd record)
{
  size_t culprit;
  enum vcode code = add_many(domain, path, &record, 1, &culprit);
  if (code != VCODE_OK) refuse_one(code);
}
