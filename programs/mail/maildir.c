#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "durable.h"
#include "maildir.h"
#include "maildir_name.h"
#include "maildirsize.h"
#include "temporary.h"
#include "unnamed.h"

enum {
  NAME_SIZE = 400,
  PATH_SIZE = NAME_SIZE + sizeof "new/",
  FINAL_SIZE = PATH_SIZE + 64 + MAILDIR_EXTRA_MAX,
  SIZES_SIZE = 64,
  NAME_TRIES = 10,
  BLOCK = 65536
};

struct delivery {
  struct maildir_delivery const *wanted;
  int dir;                  /* the Maildir */
  int fd;                   /* the new file */
  uint64_t size;
  uint64_t bare;            /* newlines so far that CR stands not before */
  char last;                /* byte that was written */
  bool is_counted;          /* of a link they are not known */
  char tmp[PATH_SIZE];      /* its name in tmp/; empty for an unnamed file */
};

/* ---- names ---- */

/* Microseconds and a counter of this process make the name new even when time stands still. */
static void unique_name(char name[NAME_SIZE])
{
  static unsigned long deliveries;
  char host[MAILDIR_HOST_SIZE];
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  maildir_name_host(host);
  snprintf(name, NAME_SIZE, "%" PRIu64 ".M%ldP%ldQ%lu.%s", (uint64_t)now.tv_sec, now.tv_nsec / 1000,
           (long)getpid(), ++deliveries, host);
}

/* ---- the file ---- */

static bool create_named(struct delivery *d)
{
  char name[NAME_SIZE];
  for (int i = 0; i < NAME_TRIES; i++) {
    unique_name(name);
    snprintf(d->tmp, sizeof d->tmp, "tmp/%s", name);
    d->fd = openat(d->dir, d->tmp, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (d->fd != -1) return true;
    if (errno != EEXIST) break;
  }
  d->tmp[0] = 0;
  return false;
}

/* Unnamed where the file system can: a crash then leaves nothing in tmp/. */
static bool create(struct delivery *d)
{
  d->tmp[0] = 0;
  d->fd = openat(d->dir, "tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (d->fd != -1) return true;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return false;
  return create_named(d);
}

static void count_bare(struct delivery *d, char const *s, size_t len)
{
  char const *end = s + len, *newline;
  for (char const *at = s; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1)
    d->bare += (newline > s ? newline[-1] : d->last) != '\r';
  if (len) d->last = end[-1];
}

static bool write_all(struct delivery *d, char const *s, size_t len)
{
  errno = 0;
  d->size += len;
  d->is_counted = true;
  if (len) count_bare(d, s, len);
  return allwrite(d->fd, s, len) == len;
}

static enum maildir_result copy_message(struct delivery *d, int from)
{
  static char block[BLOCK];
  for (off_t at = 0;;) {
    ssize_t r = pread(from, block, sizeof block, at);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) return MAILDIR_CANNOT_READ;
    if (r == 0) return MAILDIR_OK;
    if (!write_all(d, block, (size_t)r)) return MAILDIR_TROUBLE;
    at += r;
  }
}

static bool link_as(struct delivery const *d, char const *to)
{
  if (d->tmp[0]) return linkat(d->dir, d->tmp, d->dir, to, 0) == 0;
  return unnamed_link(d->fd, d->dir, to);
}

/* W is what the message has on the wire, where lines end with CR LF: IMAP servers need not read it for that. */
static void sizes_of(char sizes[SIZES_SIZE], struct delivery const *d)
{
  if (d->is_counted) snprintf(sizes, SIZES_SIZE, ",S=%" PRIu64 ",W=%" PRIu64, d->size, d->size + d->bare);
  else snprintf(sizes, SIZES_SIZE, ",S=%" PRIu64, d->size);
}

static bool link_into_new(struct delivery const *d, char path[FINAL_SIZE])
{
  char name[NAME_SIZE], sizes[SIZES_SIZE];
  char const *extra = d->wanted->extra ? d->wanted->extra : "";
  if (strlen(extra) > MAILDIR_EXTRA_MAX) return (errno = ENAMETOOLONG, false);
  sizes_of(sizes, d);
  for (int i = 0; i < NAME_TRIES; i++) {
    unique_name(name);
    snprintf(path, FINAL_SIZE, "new/%s%s%s", name, sizes, extra);
    if (link_as(d, path)) return true;
    if (errno != EEXIST) return false;
  }
  return false;
}

/* The next message is being accepted already, and its commit can take this file along. Who commits at once makes the
   disk do twice the work, and the sender of that message wait for it. */
static void wait_for_company(uint32_t us)
{
  if (us) nanosleep(&(struct timespec){ .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L }, 0);
}

/* The bytes reach the disk before the name in new/ is given: without that a power cut could leave an empty or torn file
   there, when somebody else's commit takes the name along. One fsync after the link commits both. Before it a crash
   leaves nothing, or a whole message that will be delivered again. A failed fsync is final: nobody can know what is
   on the disk. */
static enum maildir_result commit(struct delivery const *d)
{
  char path[FINAL_SIZE];
  if (!durable_bytes(d->fd) || !link_into_new(d, path)) return MAILDIR_TROUBLE;
  wait_for_company(d->wanted->patience_us);
  if (fsync(d->fd) == 0) return MAILDIR_OK;
  int e = errno;
  unlinkat(d->dir, path, 0);
  errno = e;
  return MAILDIR_TROUBLE;
}

static enum maildir_result fill_and_commit(struct delivery *d)
{
  if (!write_all(d, d->wanted->head, d->wanted->head_len)) return MAILDIR_TROUBLE;
  enum maildir_result r = copy_message(d, d->wanted->message_fd);
  return r == MAILDIR_OK ? commit(d) : r;
}

static enum maildir_result end(struct delivery *d, enum maildir_result r)
{
  int e = errno;
  if (d->tmp[0]) unlinkat(d->dir, d->tmp, 0);
  fd_close(d->fd);
  errno = e;
  return r;
}

/* ---- the Maildir ---- */

static enum maildir_result open_maildir(struct delivery *d, struct maildir_delivery const *wanted)
{
  *d = (struct delivery){ .wanted = wanted };
  d->dir = open(wanted->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (d->dir != -1) return MAILDIR_OK;
  return temporary(errno) ? MAILDIR_TROUBLE : MAILDIR_NO_DIRECTORY;
}

static enum maildir_result put(struct delivery *d)
{
  return create(d) ? end(d, fill_and_commit(d)) : MAILDIR_TROUBLE;
}

static enum maildir_result close_maildir(struct delivery const *d, enum maildir_result r)
{
  int e = errno;
  fd_close(d->dir);
  errno = e;
  return r;
}

enum maildir_result maildir_deliver(struct maildir_delivery const *wanted)
{
  struct delivery d;
  enum maildir_result r = open_maildir(&d, wanted);
  return r == MAILDIR_OK ? close_maildir(&d, put(&d)) : r;
}

/* ---- with a quota ---- */

/* 0 for what has no size, such as a pipe: that will not be read either. */
static uint64_t size_of(struct maildir_delivery const *wanted)
{
  struct stat st;
  bool known = fstat(wanted->message_fd, &st) == 0 && S_ISREG(st.st_mode);
  return wanted->head_len + (known ? (uint64_t)st.st_size : 0);
}

/* The file that was opened gets a name here, and is what it is. */
static enum maildir_result put_link(struct delivery *d)
{
  struct stat st;
  d->fd = d->wanted->message_fd;
  if (fstat(d->fd, &st) == -1) return MAILDIR_TROUBLE;
  d->size = (uint64_t)st.st_size;
  return commit(d);
}

typedef enum maildir_result maildir_put(struct delivery *d);

static enum maildir_result put_within(struct delivery *d, maildir_put *how, struct quota const *limit, uint64_t *percent)
{
  struct maildirsize m;
  enum maildir_result r = MAILDIR_TROUBLE;
  uint64_t size = size_of(d->wanted);
  if (maildirsize_open(&m, d->dir, limit, size)) {
    *percent = quota_percent(&m.limit, &m.usage);
    r = quota_fits(&m.limit, &m.usage, size) ? how(d) : MAILDIR_OVER_QUOTA;
  }
  int e = errno;
  if (r == MAILDIR_OK) maildirsize_add(&m, (int64_t)d->size, 1);
  maildirsize_close(&m);
  errno = e;
  return r == MAILDIR_TROUBLE && errno == EDQUOT ? MAILDIR_OVER_QUOTA : r;
}

static enum maildir_result within(struct maildir_delivery const *wanted, maildir_put *how, struct quota const *limit,
                                  uint64_t *percent)
{
  struct delivery d;
  *percent = 0;
  enum maildir_result r = open_maildir(&d, wanted);
  return r == MAILDIR_OK ? close_maildir(&d, put_within(&d, how, limit, percent)) : r;
}

enum maildir_result maildir_deliver_within(struct maildir_delivery const *wanted, struct quota const *limit, uint64_t *percent)
{
  return within(wanted, put, limit, percent);
}

enum maildir_result maildir_link_within(struct maildir_delivery const *wanted, struct quota const *limit, uint64_t *percent)
{
  return within(wanted, put_link, limit, percent);
}
