#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "as_owner.h"
#include "dir_file.h"
#include "domain_carry.h"
#include "memory.h"
#include "refuse.h"
#include "site.h"
#include "store_choice.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"

enum { DEFAULT_MAX = 65536 };

/* ---- paths ---- */

struct carried { char const *old, *new, *domain; size_t old_len; struct store_edit *edits; size_t count, room; };

static void edit_keep(struct carried *c, struct field name, struct field rest)
{
  stralloc text = STRALLOC_ZERO;
  text_setb(&text, name.s, name.len);
  text_add(&text, c->new);
  text_addb(&text, rest.s, rest.len);
  if (c->count == c->room) {
    c->room = c->room ? 2 * c->room : 256;
    c->edits = memory_resized(c->edits, c->room, sizeof *c->edits);
  }
  struct vpasswd const record = { .name = { text.s, name.len }, .dir = { text.s + name.len, text.len - name.len } };
  c->edits[c->count++] = (struct store_edit){ .deed = STORE_ALTER, .record = record, .fields = STORE_DIR };
}

static bool see(void *carried, struct vpasswd const *record)
{
  struct carried *c = carried;
  struct field const dir = record->dir;
  bool below = dir.len > c->old_len && memcmp(dir.s, c->old, c->old_len) == 0 && dir.s[c->old_len] == '/';
  if (below) edit_keep(c, record->name, (struct field){ dir.s + c->old_len, dir.len - c->old_len });
  return true;
}

static void records_carry_in(struct store_domain const *table, struct carried *c)
{
  size_t culprit;
  enum store_result r = store_list(table, see, c);
  if (r == STORE_DONE && c->count) r = store_edit(table, c->edits, c->count, &culprit);
  if (r != STORE_DONE) store_refuse(r, table->name);
}

static void records_carry(struct carried *c)
{
  struct store_domain const table = { "the domain that moves", open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), &store_cdb, STORE_AS_IT_IS };
  if (table.directory == -1) strerr_diefusys(REFUSE_MACHINE, "open the directory of the domain");
  records_carry_in(&table, c);
}

static int rows_carry(void *carried)
{
  struct carried *c = carried;
  struct store_domain const table = { c->domain, -1, store_of(c->domain), STORE_AS_IT_IS };
  if (table.store->is_apart) records_carry_in(&table, c);
  return 0;
}

static void default_carry(struct carried const *c)
{
  stralloc text = STRALLOC_ZERO, old = STRALLOC_ZERO;
  int directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int r = directory == -1 ? -1 : dir_file_read(&text, directory, ".qmail-default", DEFAULT_MAX);
  if (r == -1) strerr_diefusys(REFUSE_MACHINE, "read .qmail-default");
  text_set(&old, c->old);
  text_addc(&old, '/');
  char const *at = r == 1 ? strstr(text_z(&text), text_z(&old)) : 0;
  if (!at) return;
  stralloc fresh = STRALLOC_ZERO;
  text_setb(&fresh, text.s, (size_t)(at - text.s));
  text_add(&fresh, c->new);
  text_addb(&fresh, at + c->old_len, text.len - (size_t)(at - text.s) - c->old_len);
  if (!dir_file_write(directory, ".qmail-default", fresh.s, fresh.len)) strerr_diefusys(REFUSE_MACHINE, "write .qmail-default");
}

/* Of which domain nobody needs to know who finds its users in its directory. */
static int carry_paths(void *carried)
{
  struct carried *c = carried;
  if (!c->domain) records_carry(c);
  default_carry(c);
  return 0;
}

static bool carry(char const *dir, struct carried *c)
{
  struct stat st;
  int fd = tree_open(dir);
  if (fd == -1) return errno == ENOENT;
  int code = fstat(fd, &st) == -1 ? -1 : as_owner(st.st_uid, st.st_gid, fd, carry_paths, c);
  if (!code && c->domain) code = as_owner(site_find()->uid, site_find()->gid, fd, rows_carry, c);
  fd_close(fd);
  errno = EIO;
  return code == 0;
}

bool domain_carry_paths(char const *dir, char const *old, char const *new)
{
  return carry(dir, &(struct carried){ .old = old, .new = new, .old_len = strlen(old) });
}

bool domain_carry_rows(char const *dir, char const *old, char const *new, char const *domain)
{
  return carry(dir, &(struct carried){ .old = old, .new = new, .old_len = strlen(old), .domain = domain });
}

/* ---- the owner ---- */

struct owners { uid_t old, uid; gid_t gid; };

static bool give_all_in(int fd, struct owners const *o, int depth);

/* A directory is given first: from then on who had it makes nothing in it any more. */
static bool give(int parent, char const *name, struct owners const *o, int depth)
{
  struct stat st;
  int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd == -1) return errno == ENOENT;
  bool done = fstat(fd, &st) == 0;
  if (done && (st.st_uid == o->old || (S_ISDIR(st.st_mode) && st.st_uid == o->uid))) {
    done = fchownat(fd, "", o->uid, o->gid, AT_EMPTY_PATH) == 0;
    if (done && S_ISDIR(st.st_mode)) done = give_all_in(fd, o, depth + 1);
  }
  int e = errno;
  fd_close(fd);
  errno = e;
  return done;
}

static bool give_all_in(int fd, struct owners const *o, int depth)
{
  int readable = depth > TREE_DEPTH_MAX ? (errno = ELOOP, -1) : openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = readable == -1 ? 0 : fdopendir(readable);
  struct dirent const *d;
  bool done = dir;
  if (!dir && readable != -1) fd_close(readable);
  while (done && (errno = 0, d = readdir(dir)))
    done = strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0 || give(fd, d->d_name, o, depth);
  int e = errno;
  if (dir) closedir(dir);
  errno = e;
  return done && !e;
}

bool domain_carry_owner(char const *dir, uid_t old, uid_t uid, gid_t gid)
{
  struct owners const o = { old, uid, gid };
  char const *name;
  int parent = tree_open_parent(dir, &name);
  if (parent == -1) return errno == ENOENT;
  bool done = give(parent, name, &o, 0) && syncfs(parent) == 0;
  int e = errno;
  fd_close(parent);
  errno = e;
  return done;
}
