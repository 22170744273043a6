#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "app_file.h"
#include "bytes.h"
#include "dir_file.h"
#include "dir_lock.h"
#include "tree.h"
#include "user_home.h"

#define LOCK APP_FILE ".lock"
enum { LOCK_SECONDS = 60 };

int app_file_read(stralloc *text, int home)
{
  text->len = 0;
  return dir_file_read(text, home, APP_FILE, APP_FILE_MAX);
}

int app_file_lock(int home)
{
  return dir_lock(home, LOCK, LOCK_SECONDS);
}

bool app_file_write(int home, stralloc const *text)
{
  return text->len ? dir_file_write(home, APP_FILE, text->s, text->len) : tree_remove(home, APP_FILE);
}

void app_file_use(char name[APP_FILE_USE_SIZE], struct app_password const *p)
{
  snprintf(name, APP_FILE_USE_SIZE, USER_HOME_LOGIN ".%.*s", (int)p->name.len, p->name.s);
}

/* ---- lines ---- */

static bool line_next(struct field *line, stralloc const *text, size_t *at)
{
  if (*at >= text->len) return false;
  char const *s = text->s + *at, *end = memchr(s, '\n', text->len - *at);
  *line = (struct field){ s, end ? (size_t)(end - s) : text->len - *at };
  *at += line->len + 1;
  return true;
}

static bool line_is(struct app_password *p, struct field line, struct field user)
{
  return app_password_parse(p, line.s, line.len) && field_same(p->user, user);
}

bool app_file_next(struct app_password *p, stralloc const *text, struct field user, size_t *at)
{
  struct field line;
  while (line_next(&line, text, at))
    if (line_is(p, line, user)) return true;
  return false;
}

size_t app_file_without(stralloc *to, stralloc const *text, struct field user, struct field name)
{
  struct app_password p;
  struct field line;
  size_t count = 0;
  to->len = 0;
  for (size_t at = 0; line_next(&line, text, &at);) {
    bool goes = line_is(&p, line, user) && (!name.len || field_same(p.name, name));
    count += goes;
    if (!goes && !(bytes_addb(to, line.s, line.len) && bytes_addc(to, '\n'))) return SIZE_MAX;
  }
  return count;
}

/* ---- another name ---- */

static int renamed(stralloc *to, stralloc const *text, struct field from, struct field name)
{
  struct app_password p;
  size_t at = 0;
  if (app_file_without(to, text, from, (struct field){ "", 0 }) == SIZE_MAX) return 0;
  while (name.len && app_file_next(&p, text, from, &at)) {
    p.user = name;
    if (!app_password_add(to, &p)) return 0;
  }
  return 1;
}

static bool rename_locked(int home, struct field from, struct field to)
{
  stralloc old = STRALLOC_ZERO, new = STRALLOC_ZERO;
  int r = app_file_read(&old, home);
  bool done = r == 0 || (r == 1 && renamed(&new, &old, from, to) && app_file_write(home, &new));
  int e = errno;
  stralloc_free(&old);
  stralloc_free(&new);
  errno = e;
  return done;
}

/* Without a file nothing is locked, and so no file of a lock is made. */
static bool rename_in(int home, struct field from, struct field to)
{
  int there = dir_file_open(home, APP_FILE);
  if (there == -1) return errno == ENOENT;
  fd_close(there);
  int held = app_file_lock(home);
  if (held == -1) return false;
  bool done = rename_locked(home, from, to);
  int e = errno;
  fd_close(held);
  errno = e;
  return done;
}

bool app_file_rename(struct field home, struct field from, struct field to)
{
  stralloc path = STRALLOC_ZERO;
  if (!home.len) return true;
  int fd = bytes_setb(&path, home.s, home.len) && bytes_z(&path) ? tree_open(path.s) : -1;
  bool done = fd != -1 ? rename_in(fd, from, to) : errno == ENOENT;
  int e = errno;
  if (fd != -1) fd_close(fd);
  stralloc_free(&path);
  errno = e;
  return done;
}
