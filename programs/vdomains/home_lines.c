#include <errno.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "dir_file.h"
#include "dir_lock.h"
#include "home_lines.h"
#include "tree.h"

enum { LOCK_SECONDS = 60 };

char const *const home_lines_names[HOME_LINES] = { [HOME_APP_PASSWORDS] = "apppasswords", [HOME_HOST] = "mailhost" };

static char const *const locks[HOME_LINES] = { [HOME_APP_PASSWORDS] = "apppasswords.lock", [HOME_HOST] = "mailhost.lock" };

/* ---- the file ---- */

int home_lines_open(struct field home)
{
  stralloc path = STRALLOC_ZERO;
  errno = ENOENT;
  if (!home.len) return -1;
  int fd = bytes_setb(&path, home.s, home.len) && bytes_z(&path) ? tree_open(path.s) : -1;
  int e = errno;
  stralloc_free(&path);
  errno = e;
  return fd;
}

int home_lines_read(stralloc *text, int home, enum home_lines which)
{
  text->len = 0;
  return dir_file_read(text, home, home_lines_names[which], HOME_LINES_MAX);
}

int home_lines_lock(int home, enum home_lines which)
{
  return dir_lock(home, locks[which], LOCK_SECONDS);
}

bool home_lines_write(int home, enum home_lines which, stralloc const *text)
{
  char const *name = home_lines_names[which];
  return text->len ? dir_file_write(home, name, text->s, text->len) : tree_remove(home, name);
}

/* ---- lines ---- */

bool home_lines_next(struct field *line, stralloc const *text, size_t *at)
{
  if (*at >= text->len) return false;
  char const *s = text->s + *at, *end = memchr(s, '\n', text->len - *at);
  *line = (struct field){ s, end ? (size_t)(end - s) : text->len - *at };
  *at += line->len + 1;
  return true;
}

bool home_lines_is_of(struct field line, struct field user)
{
  return line.len > user.len && line.s[user.len] == ':' && !memcmp(line.s, user.s, user.len);
}

bool home_lines_next_of(struct field *line, stralloc const *text, struct field user, size_t *at)
{
  while (home_lines_next(line, text, at))
    if (home_lines_is_of(*line, user)) return true;
  return false;
}

/* ---- another name ---- */

static bool renamed(stralloc *to, stralloc const *text, struct field from, struct field name)
{
  struct field line;
  to->len = 0;
  for (size_t at = 0; home_lines_next(&line, text, &at);) {
    bool his = home_lines_is_of(line, from);
    if (his && !name.len) continue;
    struct field const begin = his ? name : (struct field){ line.s, 0 };
    size_t const passed = his ? from.len : 0;
    if (!bytes_addb(to, begin.s, begin.len) || !bytes_addb(to, line.s + passed, line.len - passed) || !bytes_addc(to, '\n')) return false;
  }
  return true;
}

static bool rename_locked(int home, enum home_lines which, struct field from, struct field to)
{
  stralloc old = STRALLOC_ZERO, new = STRALLOC_ZERO;
  int r = home_lines_read(&old, home, which);
  bool done = r == 0 || (r == 1 && renamed(&new, &old, from, to) && home_lines_write(home, which, &new));
  int e = errno;
  stralloc_free(&old);
  stralloc_free(&new);
  errno = e;
  return done;
}

/* Without a file nothing is locked, and so no file of a lock is made. */
static bool rename_in(int home, enum home_lines which, struct field from, struct field to)
{
  int there = dir_file_open(home, home_lines_names[which]);
  if (there == -1) return errno == ENOENT;
  fd_close(there);
  int held = home_lines_lock(home, which);
  if (held == -1) return false;
  bool done = rename_locked(home, which, from, to);
  int e = errno;
  fd_close(held);
  errno = e;
  return done;
}

bool home_lines_rename(struct field home, struct field from, struct field to)
{
  int fd = home_lines_open(home);
  if (fd == -1) return errno == ENOENT;
  bool done = true;
  for (enum home_lines which = 0; done && which < HOME_LINES; which++) done = rename_in(fd, which, from, to);
  int e = errno;
  fd_close(fd);
  errno = e;
  return done;
}
