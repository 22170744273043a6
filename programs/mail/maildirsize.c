#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "maildir_name.h"
#include "maildirsize.h"
#include "maildirsize_count.h"
#include "maildirsize_text.h"
#include "temporary.h"

enum {
  LINE_SIZE = 64,               /* of two numbers */
  CHANCE = 1000                 /* one in so many times a ledger is made anew that could be believed */
};

static char const LEDGER[] = "maildirsize";

/* ---- the file ---- */

static bool is_there(struct maildirsize const *m)
{
  return m->fd != -1;
}

/* One that is there and cannot be opened is kept too, by others. */
static void open_ledger(struct maildirsize *m)
{
  m->fd = openat(m->dir, LEDGER, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  m->is_kept = is_there(m) || errno != ENOENT;
}

/* The next who needs one makes it. */
static void drop(struct maildirsize *m)
{
  if (is_there(m)) fd_close(m->fd);
  m->fd = -1;
  unlinkat(m->dir, LEDGER, 0);
}

/* The whole text, shorter than the bound; false if it is none of a ledger. */
static bool read_text(int fd, struct maildirsize_text *to)
{
  char text[MAILDIRSIZE_MAX];
  size_t len = allread(fd, text, sizeof text);
  return maildirsize_text_parse(to, text, len) && len < sizeof text;
}

/* Where the file system keeps it: when the file was made. */
static bool times_of(int fd, struct maildirsize_times *to)
{
  struct statx st;
  if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &st) == -1 || !S_ISREG(st.stx_mode)) return false;
  to->now = time(0);
  to->modified = (time_t)st.stx_mtime.tv_sec;
  to->made = st.stx_mask & STATX_BTIME ? (time_t)st.stx_btime.tv_sec : 0;
  return true;
}

static bool by_chance(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_nsec / 100 % CHANCE == 0;
}

/* ---- made anew ---- */

static int create(struct maildirsize const *m, char *path, size_t size)
{
  char host[MAILDIR_HOST_SIZE];
  maildir_name_host(host);
  snprintf(path, size, "tmp/%" PRIu64 ".%ld_NeWmAiLdIrSiZe.%s", (uint64_t)time(0), (long)getpid(), host);
  return openat(m->dir, path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static bool write_ledger(int fd, struct quota const *limit, struct quota_usage const *usage)
{
  char text[QUOTA_TEXT_SIZE + LINE_SIZE];
  size_t len = quota_text(text, limit);
  len += (size_t)snprintf(text + len, sizeof text - len, "\n%" PRIu64 " %" PRIu64 "\n", usage->bytes, usage->messages);
  return write(fd, text, len) == (ssize_t)len;
}

/* Nothing of it needs to survive a crash: what is no whole ledger is made anew. */
static bool replace(struct maildirsize *m)
{
  char path[MAILDIR_HOST_SIZE + 80];
  m->fd = create(m, path, sizeof path);
  if (!is_there(m)) return false;
  if (write_ledger(m->fd, &m->limit, &m->usage) && renameat(m->dir, path, m->dir, LEDGER) == 0) return true;
  unlinkat(m->dir, path, 0);
  return false;
}

/* Without a ledger what was counted serves all the same. */
static bool recount(struct maildirsize *m)
{
  struct maildirsize_count c = MAILDIRSIZE_COUNT_ZERO;
  if (is_there(m)) fd_close(m->fd);
  m->fd = -1;
  bool done = maildirsize_count(&c, m->dir);
  int e = errno;
  m->usage = c.usage;
  m->is_kept = true;
  bool kept = done && maildirsize_count_stands(&c, m->dir) && replace(m) && maildirsize_count_stands(&c, m->dir);
  if (done && !kept) drop(m);
  maildirsize_count_free(&c);
  errno = e;
  return done;
}

/* ---- opened ---- */

static int is_folder(int dir)
{
  struct stat st;
  if (fstatat(dir, "maildirfolder", &st, AT_SYMLINK_NOFOLLOW) == 0) return 1;
  return temporary(errno) ? -1 : 0;
}

static bool begin(struct maildirsize *m, int dir)
{
  *m = (struct maildirsize){ .dir = dir, .fd = -1 };
  int folder = is_folder(dir);
  if (folder <= 0) return folder == 0;
  m->dir = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
  m->is_parent = true;
  return m->dir != -1;
}

static bool believed(struct maildirsize const *m, struct maildirsize_text const *t, uint64_t size)
{
  struct maildirsize_times times;
  return times_of(m->fd, &times) && maildirsize_text_holds(t, &m->limit, size, &times) && !by_chance();
}

bool maildirsize_open(struct maildirsize *m, int dir, struct quota const *limit, uint64_t size)
{
  struct maildirsize_text t = { .lines = 0 };
  if (!begin(m, dir)) return false;
  if (limit) m->limit = *limit;
  open_ledger(m);
  if (!is_there(m) && temporary(errno)) return false;
  if (limit && quota_is_none(limit)) return true;
  bool sound = is_there(m) && read_text(m->fd, &t);
  if (!limit) m->limit = t.limit;
  m->usage = t.usage;
  if (quota_is_none(&m->limit)) return true;
  return (sound && believed(m, &t, size)) || recount(m);
}

bool maildirsize_open_new(struct maildirsize *m, int dir, struct quota const *limit)
{
  if (!begin(m, dir)) return false;
  m->limit = *limit;
  return recount(m);
}

void maildirsize_find(struct maildirsize *m, int dir)
{
  *m = (struct maildirsize){ .dir = dir, .fd = -1 };
  open_ledger(m);
}

/* One write, for others add, too. */
static bool append(int fd, int64_t bytes, int64_t messages)
{
  char line[LINE_SIZE];
  size_t len = (size_t)snprintf(line, sizeof line, "%" PRId64 " %" PRId64 "\n", bytes, messages);
  return write(fd, line, len) == (ssize_t)len;
}

static bool is_replaced(int fd)
{
  struct stat st;
  return fstat(fd, &st) == -1 || !st.st_nlink;
}

void maildirsize_add(struct maildirsize *m, int64_t bytes, int64_t messages)
{
  if (!m->is_kept) return;
  if (!is_there(m) || !append(m->fd, bytes, messages) || is_replaced(m->fd)) drop(m);
}

void maildirsize_close(struct maildirsize *m)
{
  if (is_there(m)) fd_close(m->fd);
  if (m->is_parent && m->dir != -1) fd_close(m->dir);
  m->fd = m->dir = -1;
}
