#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "seen.h"
#include "source.h"
#include "temporary.h"
#include "text.h"

char const *source_root = "";

static char const *whole_path(char const *path)
{
  static stralloc whole = STRALLOC_ZERO;
  text_set(&whole, source_root);
  text_add(&whole, path);
  return text_z(&whole);
}

/* Why it is not read; null: it is. Whoever calls may have files of his own; root has none but root's. */
static char const *refusal(struct stat const *st)
{
  if (!S_ISREG(st->st_mode)) return "it is no file, and was not read";
  if (st->st_size > SOURCE_MAX) return "it is larger than 64 MiB, and was not read";
  if (geteuid()) return 0;
  if (st->st_uid) return "it belongs to somebody else than root, and was not read: chown it, and look at what it says";
  return st->st_mode & S_IWOTH ? "everybody may write it, so that it was not read" : 0;
}

static void read_all(stralloc *to, int fd, size_t size, char const *path)
{
  text_room(to, size + 1);
  errno = 0;
  to->len = allread(fd, to->s, size);
  if (to->len < size && errno && errno != EPIPE) strerr_diefusys(111, "read ", path);
  to->s[to->len] = 0;
}

bool source_read(stralloc *to, struct harvest *h, struct harvest_place from, char const *path)
{
  struct stat st;
  char const *whole = whole_path(path);
  struct field name = field_of(path);
  to->len = 0;
  int fd = open(whole, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 && temporary(errno)) strerr_diefusys(111, "open ", whole);
  if (fd == -1) {
    harvest_leave(h, from, name, errno == ENOENT ? "there is no such file" : "it cannot be read");
    return false;
  }
  if (fstat(fd, &st) == -1) strerr_diefusys(111, "stat ", whole);
  char const *no = refusal(&st);
  if (no) harvest_leave(h, from, name, no);
  else read_all(to, fd, (size_t)st.st_size, whole);
  fd_close(fd);
  return !no;
}

bool source_line(stralloc *to, struct harvest *h, char const *path)
{
  if (!source_exists(path) || !source_read(to, h, (struct harvest_place){ path, 0 }, path)) return false;
  struct field f = { to->s, to->len };
  char const *end = f.len ? memchr(f.s, '\n', f.len) : 0;
  if (end) f.len = (size_t)(end - f.s);
  struct field word = field_word(&f);
  memmove(to->s, word.s, word.len);
  to->len = word.len;
  text_z(to);
  return to->len > 0;
}

bool source_exists(char const *path)
{
  struct stat st;
  return seen(&st, whole_path(path));
}
