#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "bytes.h"
#include "control.h"
#include "nameset_cdb.h"

char const CONTROL_ME[] = "me";
char const CONTROL_ME_NEEDED[] = "me, needed";
char const CONTROL_NEEDED[] = "needed";

enum { PATH_MAX_CONTROL = 256 };

static char path[PATH_MAX_CONTROL];

static bool path_set(char const *file)
{
  if (strlen(file) > PATH_MAX_CONTROL - sizeof "control/") {
    errno = ENAMETOOLONG;
    return false;
  }
  strcpy(path, "control/");
  strcat(path, file);
  return true;
}

static int slurp_descriptor(stralloc *to, int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return -1;
  if (S_ISDIR(st.st_mode)) return (errno = EISDIR, -1);
  if (!S_ISREG(st.st_mode)) return (errno = EINVAL, -1);
  if (st.st_size > CONTROL_MAX) return (errno = EFBIG, -1);
  size_t size = (size_t)st.st_size;
  if (!bytes_room(to, size + 1)) return -1;
  size_t got = allread(fd, to->s + to->len, size);
  if (got < size && errno && errno != EPIPE) return -1;
  to->len += got;
  return 1;
}

int control_slurp(stralloc *to, char const *file)
{
  return path_set(file) ? control_slurp_path(to, path) : -1;
}

int control_slurp_path(stralloc *to, char const *place)
{
  /* Not to wait for the other side of a FIFO. */
  int fd = openc_read(place);
  if (fd == -1) return errno == ENOENT ? 0 : -1;
  errno = 0;
  int r = slurp_descriptor(to, fd);
  fd_close(fd);
  return r;
}

int control_exists(char const *file)
{
  struct stat st;
  if (!path_set(file)) return -1;
  if (stat(path, &st) == 0) return 1;
  return errno == ENOENT ? 0 : -1;
}

static void first_line(stralloc *text)
{
  char const *newline = text->len ? memchr(text->s, '\n', text->len) : 0;
  if (newline) text->len = (size_t)(newline - text->s);
  while (text->len && (text->s[text->len - 1] == ' ' || text->s[text->len - 1] == '\t')) text->len--;
}

int control_line(stralloc *to, char const *file)
{
  to->len = 0;
  int r = control_slurp(to, file);
  if (r == 1) first_line(to);
  return r;
}

static int default_text(stralloc *text, struct control const *c)
{
  bool needs_me = c->absent == CONTROL_ME_NEEDED;
  if (c->absent == CONTROL_NEEDED) return (errno = ENOENT, -1);
  if (!needs_me && c->absent != CONTROL_ME) return bytes_set(text, c->absent ? c->absent : "") ? 1 : -1;
  int r = control_line(text, "me");
  if (r != 0) return r;
  if (needs_me) return (errno = ENOENT, -1);
  return bytes_set(text, c->file) ? 1 : -1;
}

static bool leading_number(unsigned long *to, stralloc const *text)
{
  unsigned long n = 0;
  size_t i = 0;
  for (; i < text->len && text->s[i] >= '0' && text->s[i] <= '9'; i++)
    if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (unsigned long)(text->s[i] - '0'), &n))
      n = (unsigned long)-1;
  if (i) *to = n;
  return i > 0;
}

static int load_number(struct control const *c, stralloc *text)
{
  first_line(text);
  if (leading_number(c->to, text)) return 1;
  if (default_text(text, c) == -1) return -1;
  leading_number(c->to, text);
  return 1;
}

static void swap(stralloc *a, stralloc *b)
{
  stralloc c = *a;
  *a = *b;
  *b = c;
}

/* path is that of the file. */
static bool load_cdb(struct control const *c, int fd)
{
  struct stat st;
  bool is_map = c->kind == CONTROL_MAP || c->kind == CONTROL_RAW_MAP;
  if (c->kind != CONTROL_NAMES && !is_map) return false;
  struct nameset fresh;
  if (fstat(fd, &st) == -1 || st.st_size < NAMESET_CDB_MIN || !nameset_cdb_open(&fresh, path, &st, is_map)) return false;
  nameset_free(c->to);
  *(struct nameset *)c->to = fresh;
  return true;
}

/* 1: all that is asked for is there, or *is_text is true and its text. */
static int slurp_row(struct control const *c, stralloc *text, bool *is_text)
{
  int fd = path_set(c->file) ? openc_read(path) : -1;
  if (fd == -1) return errno == ENOENT ? 0 : -1;
  *is_text = !load_cdb(c, fd);
  errno = 0;
  int r = *is_text ? slurp_descriptor(text, fd) : 1;
  fd_close(fd);
  return r;
}

static int load_raw(struct nameset *set, stralloc *text)
{
  nameset_free(set);
  swap(&set->text, text);
  set->is_raw = true;
  return 1;
}

static int load(struct control const *c, stralloc *text)
{
  bool is_text = true;
  text->len = 0;
  int r = slurp_row(c, text, &is_text);
  if (r == 0) r = default_text(text, c);
  if (r == -1 || !is_text) return r;
  switch (c->kind) {
    case CONTROL_LINE: first_line(text); return bytes_setx(c->to, text) ? 1 : -1;
    case CONTROL_NUMBER: return load_number(c, text);
    case CONTROL_NAMES: return nameset_list(c->to, text->s, text->len) ? 1 : -1;
    case CONTROL_MAP: return nameset_map(c->to, text->s, text->len) ? 1 : -1;
    case CONTROL_RAW_MAP: return load_raw(c->to, text);
    case CONTROL_TEXT: swap(c->to, text); return 1;
  }
  return -1;
}

int control_load(struct control const *table, char const **culprit)
{
  stralloc text = STRALLOC_ZERO;
  int r = 1;
  for (; table->file && r != -1; table++) r = load(table, &text);
  int e = errno;
  stralloc_free(&text);
  errno = e;
  *culprit = path;
  return r != -1;
}

void control_load_or_die(struct control const *table)
{
  char const *culprit;
  if (!control_load(table, &culprit)) strerr_diefusys(111, "read ", culprit);
}
