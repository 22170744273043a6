#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "accounts.h"
#include "become.h"
#include "change.h"
#include "plan_text.h"
#include "replace.h"
#include "text.h"

#define BEFORE CHANGE_DIRECTORY "/before"
#define PLAN CHANGE_DIRECTORY "/plan"

enum { FILE_MAX = 256 << 20, KEPT_MAX = 1000 };

/* ---- reading ---- */

static int open_file(char const *path)
{
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fd == -1 && errno != ENOENT) strerr_diefusys(111, "open ", path);
  return fd;
}

static bool read_with(stralloc *to, struct stat *st, char const *path)
{
  int fd = open_file(path);
  if (fd == -1) return false;
  if (fstat(fd, st) == -1) strerr_diefusys(111, "stat ", path);
  if (!S_ISREG(st->st_mode) || st->st_size > FILE_MAX) strerr_dief(111, path, " is no file, or too large");
  size_t size = (size_t)st->st_size;
  text_room(to, size + 1);
  errno = 0;
  size_t got = allread(fd, to->s + to->len, size);
  if (got < size && errno && errno != EPIPE) strerr_diefusys(111, "read ", path);
  to->len += got;
  fd_close(fd);
  return true;
}

bool change_read(stralloc *to, char const *path)
{
  struct stat st;
  return read_with(to, &st, path);
}

/* ---- one file ---- */

static bool is_of_alias(char const *path)
{
  return strncmp(path, "alias/", 6) == 0;
}

static void become_alias(void)
{
  if (!become(account_uid("alias"), account_gid("nofiles"))) strerr_diefusys(111, "become user ", "alias");
  umask(022);
}

static void write_file(char const *path, struct field text, struct stat const *old)
{
  struct replacement r = REPLACEMENT_ZERO;
  stralloc aside = STRALLOC_ZERO;
  mode_t mode = old ? old->st_mode & 0777 : 0644;
  text_set(&aside, path);
  text_add(&aside, ".import.tmp");
  if (!replace_begin(&r, path, text_z(&aside), mode) || (old && !geteuid() && !replace_owner(&r, old->st_uid, old->st_gid)) ||
      !replace_write(&r, text.s, text.len) || !replace_commit(&r)) replace_die(&r);
  stralloc_free(&aside);
}

static void remove_file(char const *path)
{
  if (unlink(path) == -1 && errno != ENOENT) strerr_diefusys(111, "remove ", path);
}

static void do_it(struct plan_file const *file, struct stat const *old)
{
  if (file->is_removed) remove_file(file->path);
  else write_file(file->path, file->text, old);
}

/* ~alias is his: what stands there is changed by him, while root waits. */
static void do_as_owner(struct plan_file const *file, struct stat const *old)
{
  int wstat;
  pid_t pid = !is_of_alias(file->path) || geteuid() ? 0 : fork();
  if (pid == -1) strerr_diefusys(111, "fork");
  if (pid == 0) {
    bool is_child = is_of_alias(file->path) && !geteuid();
    if (is_child) become_alias();
    do_it(file, old);
    if (is_child) _exit(0);
    return;
  }
  while (waitpid(pid, &wstat, 0) == -1)
    if (errno != EINTR) strerr_diefusys(111, "wait for a child of ours");
  if (!WIFEXITED(wstat) || WEXITSTATUS(wstat)) strerr_dief(111, "user alias could not change ", file->path);
}

/* ---- what was there before ---- */

/* import/before/control.locals, control.locals.2 and so on. */
static void name_kept(stralloc *to, char const *path, unsigned n)
{
  text_set(to, BEFORE "/");
  for (char const *s = path + (*path == '/'); *s; s++)
    if (*s == '/') text_addc(to, '.');
    else if (!(*s == '.' && s > path && s[-1] == '/')) text_addc(to, *s);
  if (n > 1) {
    text_addc(to, '.');
    text_addu(to, n);
  }
  text_z(to);
}

/* In a copy that says the same, or a new one. */
static void keep(stralloc *name, char const *path, stralloc const *text)
{
  stralloc there = STRALLOC_ZERO;
  unsigned n = 1;
  for (; n < KEPT_MAX; n++) {
    there.len = 0;
    name_kept(name, path, n);
    if (!change_read(&there, name->s)) break;
    if (field_same((struct field){ there.s, there.len }, (struct field){ text->s, text->len })) n = KEPT_MAX + 1;
  }
  if (n == KEPT_MAX) strerr_dief(111, "too much is kept in " BEFORE);
  if (n < KEPT_MAX) write_file(name->s, (struct field){ text->s, text->len }, 0);
  stralloc_free(&there);
}

static void say(char const *what, char const *path, char const *kept)
{
  buffer_puts(buffer_1, what);
  buffer_puts(buffer_1, path);
  if (*kept) {
    buffer_puts(buffer_1, ", kept as ");
    buffer_puts(buffer_1, kept);
  }
  if (buffer_puts(buffer_1, "\n") < 0 || !buffer_flush(buffer_1)) strerr_diefusys(111, "write standard output");
}

static void change(struct plan_file const *file)
{
  stralloc old = STRALLOC_ZERO, kept = STRALLOC_ZERO;
  struct stat st;
  bool is_there = read_with(&old, &st, file->path);
  bool done = file->is_removed ? !is_there : is_there && field_same((struct field){ old.s, old.len }, file->text);
  if (!done) {
    if (is_there) keep(&kept, file->path, &old);
    do_as_owner(file, is_there ? &st : 0);
    say(file->is_removed ? "removed " : "wrote ", file->path, is_there ? kept.s : "");
  }
  stralloc_free(&old);
  stralloc_free(&kept);
}

/* ---- all ---- */

static void make_directory(char const *path)
{
  if (mkdir(path, 0700) == -1 && errno != EEXIST) strerr_diefusys(111, "mkdir ", path);
}

static void obey(char const *s, size_t len)
{
  struct plan_file file;
  for (size_t at = 0; plan_text_next(&file, s, len, &at);) change(&file);
  remove_file(PLAN);
}

bool change_go_on(void)
{
  stralloc plan = STRALLOC_ZERO;
  bool there = change_read(&plan, PLAN);
  if (there && !plan_text_is_whole(plan.s, plan.len)) strerr_dief(111, PLAN " is damaged: look at it, and remove it");
  if (there) obey(plan.s, plan.len);
  stralloc_free(&plan);
  return there;
}

void change_do(stralloc const *plan)
{
  struct plan_file file;
  size_t at = 0;
  if (!plan_text_next(&file, plan->s, plan->len, &at)) return;
  make_directory(CHANGE_DIRECTORY);
  make_directory(BEFORE);
  write_file(PLAN, (struct field){ plan->s, plan->len }, 0);
  obey(plan->s, plan->len);
}
