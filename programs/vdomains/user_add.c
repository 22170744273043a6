#include <string.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "dir_control_file.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"
#include "user_add.h"
#include "user_home.h"
#include "user_remove.h"

static char const *path_of(char const *domain, char const *dir, struct field name)
{
  static stralloc path = STRALLOC_ZERO;
  text_set(&path, domain);
  text_addc(&path, '/');
  text_add(&path, dir);
  if (*dir) text_addc(&path, '/');
  text_addb(&path, name.s, name.len);
  return text_z(&path);
}

static void home_make(int domain, char const *dir, char const *name)
{
  int parent = tree_enter_path(domain, dir, 0750);
  enum vcode made = parent == -1 ? VCODE_MAKE_USER_DIRS : user_home_make(parent, name);
  if (made == VCODE_OK) {
    fd_close(parent);
    return;
  }
  if (made == VCODE_MAKE_USER_DIRS) strerr_warnwusys("make the home of ", name);
  dir_control_give_back(domain, dir);
  refuse(made);
}

void user_add_refuse_known(struct store const *store, struct store_domain const *domain, struct field name)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  enum store_result found = store->find(domain, &record, &space, name);
  if (found == STORE_DONE) refuse_saying(VCODE_USERNAME_EXISTS, "User already exists");
  if (found != STORE_NO_USER) store_refuse(found, domain->name);
  stralloc_free(&space);
}

void user_add(struct store const *store, struct store_domain const *domain, char const *path, struct vpasswd record)
{
  char dir[DIR_CONTROL_DIR];
  user_remove_finish(store, domain, path);
  user_add_refuse_known(store, domain, record.name);
  if (!dir_control_take(domain->directory, dir)) {
    strerr_warnwusys("find a place for the home in ", path);
    refuse(VCODE_MAKE_USER_DIRS);
  }
  char const *home = path_of(path, dir, record.name);
  home_make(domain->directory, dir, home + strlen(home) - record.name.len);
  record.dir = (struct field){ home, strlen(home) };
  enum store_result added = store_add(store, domain, &record);
  if (added == STORE_DONE) return;
  dir_control_give_back(domain->directory, dir);
  store_refuse(added, domain->name);
}
