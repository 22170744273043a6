#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "die.h"
#include "list.h"
#include "list_file.h"
#include "lock.h"
#include "making.h"
#include "replace.h"
#include "subscribers.h"
#include "text.h"
#include "tree.h"

enum { KEY_BYTES = 32, LINKS_MAX = 200, DIRECTORY = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

/* A new list is made aside, in a directory beside its own; then its links are there, which lead nowhere yet; then it gets its
   name. What a power cut leaves, a directory aside and links to what is not there, the next call for that list takes over. */
static struct {
  int parent;                       /* where the list will be; -1: it is there already */
  char const *name;                 /* in there */
  stralloc aside;                   /* what is being made; empty: nothing */
  struct { stralloc path, target; } links[LINKS_MAX];
  size_t link_count, made_links;
} made = { .parent = -1 };

static void forget(void)
{
  while (made.made_links) unlink(made.links[--made.made_links].path.s);
  if (made.aside.len) tree_remove(made.parent, made.aside.s);
}

static _Noreturn void cannot(int code, char const *doing, char const *what)
{
  int e = errno;
  forget();
  errno = e;
  strerr_diefusys(code, doing, what);
}

static _Noreturn void mistaken(char const *what, struct field line)
{
  stralloc text = STRALLOC_ZERO;
  text_addb(&text, line.s, line.len);
  forget();
  strerr_dief(LIST_REFUSED, "the template ", what, ": ", text_z(&text));
}

/* ---- the directory ---- */

static void sync_directory(char const *path)
{
  int fd = open(path, DIRECTORY);
  if (fd == -1 || fsync(fd) == -1) cannot(LIST_TROUBLE, "sync ", path);
  fd_close(fd);
}

/* Up to its last slash, that included. */
static void set_parent(stralloc *to, char const *path)
{
  char const *slash = strrchr(path, '/');
  if (slash) text_setb(to, path, (size_t)(slash + 1 - path));
  else text_set(to, "./");
  text_z(to);
}

static void sync_parent_of(char const *path)
{
  stralloc parent = STRALLOC_ZERO;
  set_parent(&parent, path);
  sync_directory(parent.s);
  stralloc_free(&parent);
}

/* What a make that was broken off left is nobody's; one that is at work holds a lock. */
static void enter_aside(void)
{
  int fd = openat(made.parent, made.aside.s, DIRECTORY | O_NOFOLLOW);
  if (fd != -1 && !lock_try(fd)) strerr_diefusys(LIST_TROUBLE, "make the list, somebody else is at it: ", made.aside.s);
  if (fd != -1) fd_close(fd);
  if (!tree_remove(made.parent, made.aside.s)) strerr_diefusys(LIST_TROUBLE, "remove ", made.aside.s);
  if (mkdirat(made.parent, made.aside.s, 0700) == -1) strerr_diefusys(LIST_TROUBLE, "create ", made.aside.s);
  fd = openat(made.parent, made.aside.s, DIRECTORY | O_NOFOLLOW);
  if (fd == -1 || !lock_try(fd) || fchdir(fd) == -1) cannot(LIST_TROUBLE, "enter ", made.aside.s);
}

static void begin(struct making const *m)
{
  stralloc parent = STRALLOC_ZERO;
  struct stat st;
  if (lstat(m->dir.s, &st) == 0) errno = EEXIST;
  if (errno != ENOENT) strerr_diefusys(LIST_TROUBLE, "create ", m->dir.s);
  set_parent(&parent, m->dir.s);
  made.name = m->dir.s + parent.len;
  made.parent = open(parent.s, DIRECTORY);
  if (made.parent == -1) strerr_diefusys(LIST_TROUBLE, "open ", parent.s);
  text_set(&made.aside, ".");
  text_add(&made.aside, made.name);
  text_add(&made.aside, ".new");
  text_z(&made.aside);
  die_nomem_first = forget;
  enter_aside();
  stralloc_free(&parent);
}

static void give_name(struct making const *m)
{
  if (renameat2(made.parent, made.aside.s, made.parent, made.name, RENAME_NOREPLACE) == -1) cannot(LIST_TROUBLE, "create ", m->dir.s);
  made.aside.len = made.made_links = 0;
  if (fsync(made.parent) == -1) cannot(LIST_TROUBLE, "sync the directory of ", m->dir.s);
}

/* ---- files ---- */

static bool is_as_wanted(char const *name, stralloc const *text)
{
  stralloc now = STRALLOC_ZERO;
  int r = list_file_read(&now, name, LIST_FILE_MAX);
  bool same = r == 1 && now.len == text->len && !memcmp(now.s, text->s, now.len);
  stralloc_free(&now);
  return same;
}

/* Root leaves to others what is theirs. */
static bool keep_owner(struct replacement *r)
{
  struct stat st;
  return geteuid() != 0 || (stat(".", &st) == 0 && replace_owner(r, st.st_uid, st.st_gid));
}

/* A file that says already what it should stays the same one: somebody may hold a lock on it. */
static void write_file(char const *name, stralloc const *text)
{
  stralloc aside = STRALLOC_ZERO;
  struct replacement r = REPLACEMENT_ZERO;
  struct stat st;
  if (is_as_wanted(name, text)) return;
  mode_t mode = stat(name, &st) == 0 ? st.st_mode & 0777 : 0600;
  text_set(&aside, name);
  text_add(&aside, ".new");
  if (!replace_begin(&r, name, text_z(&aside), mode) || !keep_owner(&r) || !replace_write(&r, text->s, text->len) || !replace_commit(&r))
    cannot(LIST_TROUBLE, r.doing, r.what);
  stralloc_free(&aside);
}

static void remove_file(char const *name)
{
  if (unlink(name) == -1 && errno != ENOENT && errno != ENOTDIR) cannot(LIST_TROUBLE, "remove ", name);
}

static void make_directory(char const *name, bool may_exist, int otherwise)
{
  struct stat here;
  if (mkdir(name, 0755) == -1) {
    if (errno != EEXIST || !may_exist) cannot(otherwise, "create ", name);
    return;
  }
  if (geteuid() == 0 && (stat(".", &here) == -1 || lchown(name, here.st_uid, here.st_gid) == -1)) cannot(LIST_TROUBLE, "give away ", name);
  sync_parent_of(name);
}

/* ---- links ---- */

static bool leads_to(char const *path, char const *target)
{
  char now[PATH_MAX];
  ssize_t len = readlink(path, now, sizeof now);
  return len >= 0 && (size_t)len == strlen(target) && !memcmp(now, target, (size_t)len);
}

static void make_link(char const *path, char const *target)
{
  if (symlink(target, path) == 0) made.made_links++;
  else if (errno != EEXIST || !leads_to(path, target)) cannot(LIST_TROUBLE, "create ", path);
}

/* Where the site has put a file of its own, that stays. */
static void change_link(char const *path, char const *target)
{
  struct stat st;
  stralloc aside = STRALLOC_ZERO;
  if (leads_to(path, target)) return;
  if (lstat(path, &st) == 0 && !S_ISLNK(st.st_mode)) {
    strerr_warnw(path, " is no link and stays as it is");
    return;
  }
  text_set(&aside, path);
  text_add(&aside, ".new");
  unlink(text_z(&aside));
  if (symlink(target, aside.s) == -1 || rename(aside.s, path) == -1) cannot(LIST_TROUBLE, "create ", path);
  stralloc_free(&aside);
}

bool making_is_inside(struct field path, struct field dir)
{
  return path.len > dir.len && !memcmp(path.s, dir.s, dir.len) && path.s[dir.len] == '/';
}

/* While a list is made its directory has another name, but is the working directory. */
static struct field dot_from_here(struct template_facts const *facts)
{
  size_t const above = facts->dir.len + 1;
  bool const inside = !facts->editing && making_is_inside(facts->dot, facts->dir);
  return inside ? (struct field){ facts->dot.s + above, facts->dot.len - above } : facts->dot;
}

static void remember_link(struct template_step const *step, struct template_facts const *facts)
{
  if (made.link_count == LINKS_MAX) mistaken("has too many links", step->line);
  stralloc *path = &made.links[made.link_count].path, *target = &made.links[made.link_count].target;
  struct field const dot = dot_from_here(facts);
  text_setb(path, dot.s, dot.len);
  text_addb(path, step->link.s, step->link.len);
  text_setb(target, facts->dir.s, facts->dir.len);
  text_add(target, "/");
  text_addb(target, step->name.s, step->name.len);
  text_z(path);
  text_z(target);
  made.link_count++;
}

static void make_links(bool editing)
{
  for (size_t i = 0; i < made.link_count; i++) {
    if (editing) change_link(made.links[i].path.s, made.links[i].target.s);
    else make_link(made.links[i].path.s, made.links[i].target.s);
  }
  if (made.link_count) sync_parent_of(made.links[0].path.s);
}

/* ---- the template ---- */

/* The file that is open: lines go to it while the last tag that spoke of it holds. */
struct open_file { stralloc name, text; bool is_named, is_made, takes, is_spared; };

static void close_file(struct open_file *f)
{
  if (f->is_made && !f->is_spared) write_file(f->name.s, &f->text);
  f->text.len = 0;
  f->is_named = f->is_made = f->takes = f->is_spared = false;
}

static bool exists(char const *name)
{
  struct stat st;
  return stat(name, &st) == 0;
}

static void open_file(struct open_file *f, struct template_step const *step)
{
  bool same = !step->name.len || (f->is_named && field_same(step->name, (struct field){ f->name.s, f->name.len }));
  if (!same) {
    close_file(f);
    text_setb(&f->name, step->name.s, step->name.len);
    f->is_named = true;
    f->is_spared = exists(text_z(&f->name)) && step->spares;
  }
  f->takes = step->holds && f->is_named;
  f->is_made |= f->takes;
}

static void add_text(struct open_file *f, struct field line, struct template_facts const *facts)
{
  if (!f->takes) return;
  template_fill(&f->text, line, facts);
  text_add(&f->text, "\n");
}

static void take_step(struct template_step const *step, struct open_file *f, struct template_facts const *facts)
{
  stralloc name = STRALLOC_ZERO;
  text_setb(&name, step->name.s, step->name.len);
  text_z(&name);
  switch (step->kind) {
    case TEMPLATE_TEXT: add_text(f, step->line, facts); break;
    case TEMPLATE_FILE: open_file(f, step); break;
    case TEMPLATE_REMOVE: if (step->holds) remove_file(name.s); break;
    case TEMPLATE_DIRECTORY: if (step->holds) make_directory(name.s, facts->editing, LIST_TROUBLE); break;
    case TEMPLATE_LINK: if (step->holds) remember_link(step, facts); break;
    case TEMPLATE_PERIOD: mistaken("has a period in a tag", step->line);
    case TEMPLATE_UNENDED: mistaken("has a tag without its end", step->line);
    case TEMPLATE_NO_TARGET: mistaken("has a link to nothing", step->line);
    case TEMPLATE_NO_NAME: mistaken("has no name of a file in a tag", step->line);
    case TEMPLATE_NO_FLAG: mistaken("has an unknown flag", step->line);
    case TEMPLATE_END: break;
  }
  stralloc_free(&name);
}

static void follow(struct field rest, struct template_facts const *facts)
{
  struct open_file f = { .is_named = false };
  struct template_step step;
  do {
    template_next(&step, &rest, facts);
    if (step.kind != TEMPLATE_TEXT && step.kind != TEMPLATE_FILE) close_file(&f);
    take_step(&step, &f, facts);
  } while (step.kind != TEMPLATE_END);
  stralloc_free(&f.name);
  stralloc_free(&f.text);
}

/* ---- what no template says ---- */

static void make_key(void)
{
  stralloc key = STRALLOC_ZERO;
  unsigned char bytes[KEY_BYTES];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) cannot(LIST_TROUBLE, "make ", "key");
  text_addb(&key, (char *)bytes, sizeof bytes);
  write_file("key", &key);
  stralloc_free(&key);
}

static void make_tables(void)
{
  static char const *const tables[] = {
    "subscribers", "allow/subscribers", "deny/subscribers", "digest/subscribers", "mod/subscribers"
  };
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) make_directory(tables[i], true, LIST_REFUSED);
}

/* The list has its directory for its name only when its tables are there. */
static void make_elsewhere(struct making const *m)
{
  struct list const l = { .dir = m->dir.s };
  stralloc why = STRALLOC_ZERO;
  if (subscribers_make(&l, &why)) return;
  forget();
  strerr_dief(LIST_TROUBLE, "unable to make the tables of subscribers: ", why.s);
}

void making_carry_out(struct making const *m, struct template_facts const *facts, struct field text)
{
  if (!m->editing) begin(m);
  follow(text, facts);
  if (!m->editing) make_key();
  make_tables();
  make_elsewhere(m);
  make_links(m->editing);
  if (!m->editing) give_name(m);
}
