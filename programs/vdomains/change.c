#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "change.h"
#include "control.h"
#include "domain_carry.h"
#include "home.h"
#include "lines.h"
#include "lock.h"
#include "nameset_cdb.h"
#include "plan.h"
#include "replace.h"
#include "text.h"
#include "tree.h"

#define PLAN_NEW CHANGE_PLAN ".new"

/* ---- endings ---- */

static bool is_begun = false;       /* there is a plan on disk */

_Noreturn static void failed(char const *doing, char const *what)
{
  int e = errno;
  if (is_begun) strerr_warnw("what was begun is written down in " HOME "/" CHANGE_PLAN "; the next command finishes it");
  errno = e;
  strerr_diefusys(111, doing, what);
}

/* ---- programs ---- */

/* What it says goes where our messages go. */
static bool run(char const *program, char const *argument)
{
  char const *argv[] = { program, argument, 0 };
  pid_t pid;
  int wstat;
  errno = posix_spawn(&pid, program, 0, 0, (char *const *)argv, environ);
  return !errno && wait_pid(pid, &wstat) == pid && WIFEXITED(wstat) && WEXITSTATUS(wstat) == 0;
}

/* Whoever starts qmail-send later starts it with the new files. */
static void reload(void)
{
  if (!run("bin/qmail-qctl", "reload")) strerr_warnw("qmail-send has not read virtualdomains again: qmailctl reload");
}

/* ---- control files ---- */

static struct control_file {
  char const *path, *aside;
  char const *compiler;           /* what makes its cdb */
  bool ends_with_dot;
  bool goes_when_empty;           /* with its cdb */
  bool is_qmail_sends;            /* read once, and at its reload */
  char const *names_cdb;          /* made of it when it is large; without it the text counts */
} const files[] = {
  { "users/assign", "users/assign.new", .compiler = "bin/qmail-newu", .ends_with_dot = true },
  { "control/morercpthosts", "control/morercpthosts.new", .compiler = "bin/qmail-newmrh", .goes_when_empty = true },
  { "control/rcpthosts", "control/rcpthosts.new", .names_cdb = "control/rcpthosts.cdb" },
  { "control/virtualdomains", "control/virtualdomains.new", .is_qmail_sends = true, .names_cdb = "control/virtualdomains.cdb" },
  { "control/locals", "control/locals.new", .is_qmail_sends = true },
  { "control/usersbackend", "control/usersbackend.new", .compiler = 0 }
};
enum { FILES = sizeof files / sizeof *files };

static struct control_file const *file_find(char const *path, size_t len)
{
  for (int i = 0; i < FILES; i++)
    if (strlen(files[i].path) == len && memcmp(files[i].path, path, len) == 0) return &files[i];
  return 0;
}

/* The one whose lines are being changed: several steps in a row change it once. */
static struct {
  struct control_file const *file;
  bool exists, changed;
  struct stat before;
  stralloc text;
} now = { .text = STRALLOC_ZERO };
static bool reload_is_due = false;

static void file_read(struct control_file const *file)
{
  now.file = file;
  now.changed = false;
  now.text.len = 0;
  int r = control_slurp_path(&now.text, file->path);
  now.exists = r == 1;
  if (r == -1 || (now.exists && stat(file->path, &now.before) == -1)) failed("read ", file->path);
}

static void file_write(void)
{
  struct replacement r;
  mode_t mode = now.exists ? now.before.st_mode & 07777 : 0644;
  bool written = replace_begin(&r, now.file->path, now.file->aside, mode)
              && (!now.exists || replace_owner(&r, now.before.st_uid, now.before.st_gid))
              && replace_write(&r, now.text.s, now.text.len) && replace_commit(&r);
  if (!written) failed(r.doing, r.what);
}

/* Nobody asks for a table whose text is empty. */
static bool file_goes(void)
{
  if (now.text.len || !now.file->goes_when_empty) return false;
  if ((unlink("control/morercpthosts.cdb") == -1 || unlink(now.file->path) == -1) && errno != ENOENT)
    failed("remove ", now.file->path);
  return true;
}

/* Also after a cut between the two. */
static void names_cdb_renew(void)
{
  char const *cdb = now.file->names_cdb;
  if (!cdb || (now.text.len < NAMESET_CDB_MIN && access(cdb, F_OK) == -1)) return;
  if (!run("bin/qmail-newcdb", 0)) strerr_warnw(cdb, " was not made anew, and the text counts: qmailctl cdb");
}

static void file_end(void)
{
  struct control_file const *file = now.file;
  if (!file) return;
  if (!file_goes()) {
    if (now.changed) file_write();
    if (file->compiler && !run(file->compiler, 0)) failed("run ", file->compiler);
    names_cdb_renew();
  }
  reload_is_due = reload_is_due || file->is_qmail_sends;
  now.file = 0;
}

static void reload_end(void)
{
  if (reload_is_due) reload();
  reload_is_due = false;
}

static void file_begin(struct control_file const *file)
{
  if (now.file == file) return;
  file_end();
  if (!file || !file->is_qmail_sends) reload_end();
  if (file) file_read(file);
}

/* ---- steps ---- */

static bool add_line(struct text_line line)
{
  return now.file->ends_with_dot ? lines_add_before_dot(&now.text, line) : lines_add(&now.text, line);
}

static bool drop_line(struct text_line line)
{
  return lines_remove(&now.text, line) > 0;
}

static void step_line(struct plan_step const *step, bool (*does)(struct text_line))
{
  struct control_file const *file = file_find(step->path, step->path_len);
  errno = EPROTO;
  if (!file) failed("understand ", CHANGE_PLAN);
  file_begin(file);
  now.changed |= does((struct text_line){ step->object, step->object_len });
}

static void step_add(struct plan_step const *step)
{
  step_line(step, add_line);
}

static void step_drop(struct plan_step const *step)
{
  step_line(step, drop_line);
}

static char const *text_of(stralloc *to, char const *s, size_t len)
{
  text_setb(to, s, len);
  return text_z(to);
}

static void step_move(struct plan_step const *step)
{
  static stralloc path = STRALLOC_ZERO, object = STRALLOC_ZERO;
  char const *from = text_of(&path, step->path, step->path_len);
  file_begin(0);
  if (!tree_move(from, text_of(&object, step->object, step->object_len))) failed("move ", from);
}

static bool something_is_left = false;

/* Nobody is led there any more: what cannot be removed is told, and holds up no other command. */
static void step_remove(struct plan_step const *step)
{
  static stralloc path = STRALLOC_ZERO;
  char const *what = text_of(&path, step->path, step->path_len), *name;
  file_begin(0);
  int parent = tree_open_parent(what, &name);
  if (parent == -1 ? errno != ENOENT : !tree_remove(parent, name)) {
    strerr_warnwusys("remove ", what);
    something_is_left = true;
  }
  if (parent != -1) fd_close(parent);
}

static void step_carry(struct plan_step const *step)
{
  static stralloc path = STRALLOC_ZERO, object = STRALLOC_ZERO;
  char const *from = text_of(&path, step->path, step->path_len);
  file_begin(0);
  if (!tree_carry(from, text_of(&object, step->object, step->object_len))) failed("move ", from);
}

/* Cuts the object at its colons, which no path of a domain has; what is not there is empty. */
static char *part_of(struct plan_step const *step, int number)
{
  stralloc part = STRALLOC_ZERO;
  size_t at = 0;
  while (number-- && at < step->object_len) at += byte_chr(step->object + at, step->object_len - at, ':') + 1;
  if (at < step->object_len) text_addb(&part, step->object + at, byte_chr(step->object + at, step->object_len - at, ':'));
  return text_z(&part);
}

static void step_paths(struct plan_step const *step)
{
  static stralloc path = STRALLOC_ZERO;
  char const *dir = text_of(&path, step->path, step->path_len);
  file_begin(0);
  if (!domain_carry_paths(dir, part_of(step, 0), part_of(step, 1))) failed("change the paths in ", dir);
}

static void step_rows(struct plan_step const *step)
{
  static stralloc path = STRALLOC_ZERO;
  char const *dir = text_of(&path, step->path, step->path_len);
  file_begin(0);
  if (!domain_carry_rows(dir, part_of(step, 0), part_of(step, 1), part_of(step, 2))) failed("change the homes of the users of ", dir);
}

static void step_own(struct plan_step const *step)
{
  static stralloc path = STRALLOC_ZERO;
  char const *dir = text_of(&path, step->path, step->path_len);
  uint32_t id[3];
  errno = EPROTO;
  for (int i = 0; i < 3; i++)
    if (!uint320_scan(part_of(step, i), id + i)) failed("understand ", CHANGE_PLAN);
  file_begin(0);
  if (!domain_carry_owner(dir, id[0], id[1], id[2])) failed("change the owner of ", dir);
}

static void (*const steps[])(struct plan_step const *) = {
  [PLAN_ADD] = step_add, [PLAN_DROP] = step_drop, [PLAN_MOVE] = step_move, [PLAN_REMOVE] = step_remove,
  [PLAN_CARRY] = step_carry, [PLAN_PATHS] = step_paths, [PLAN_ROWS] = step_rows,
  [PLAN_OWN] = step_own
};

/* ---- plans ---- */

/* Done again much later it might undo what was done meanwhile. */
static void plan_forget(void)
{
  int users = open("users", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (users == -1 || unlink(CHANGE_PLAN) == -1 || fsync(users) == -1) failed("remove ", CHANGE_PLAN);
  fd_close(users);
  is_begun = false;
}

static void carry_out(stralloc const *plan)
{
  struct plan_step step;
  size_t at = 0;
  is_begun = true;
  while (plan_next(&step, plan->s, plan->len, &at)) steps[step.deed](&step);
  file_begin(0);
  plan_forget();
}

/* One that has not its name, or is not whole, was never begun. */
void change_left(stralloc *plan)
{
  plan->len = 0;
  int r = control_slurp_path(plan, CHANGE_PLAN);
  if (r == -1) failed("read ", CHANGE_PLAN);
  if (r == 0 || !plan_is_whole(plan->s, plan->len)) plan->len = 0;
}

static void finish_older(void)
{
  stralloc plan = STRALLOC_ZERO;
  unlink(PLAN_NEW);
  change_left(&plan);
  if (plan.len) carry_out(&plan);
  stralloc_free(&plan);
}

/* What cannot be compiled as it is now could not be with a line more. */
static void check_tables(void)
{
  if (access("users/assign", F_OK) == 0 && !run("bin/qmail-newu", "--check")) strerr_dief(111, "users/assign must be mended first");
}

void change_begin(void)
{
  if (lock_own_file(CHANGE_LOCK, CHANGE_LOCK_SECONDS) == -1) failed("lock ", CHANGE_LOCK);
  check_tables();
  finish_older();
}

void change_run(stralloc *plan)
{
  struct replacement r;
  plan_end(plan);
  bool written = replace_begin(&r, CHANGE_PLAN, PLAN_NEW, 0600) && replace_write(&r, plan->s, plan->len) && replace_commit(&r);
  if (!written) failed(r.doing, r.what);
  carry_out(plan);
  if (something_is_left) _exit(111);
}
