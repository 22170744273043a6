#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "lock.h"
#include "queue_message.h"
#include "queue_path.h"
#include "queue_spare.h"

enum { TRIES = 4, MAGIC = sizeof QUEUE_SPARE_MAGIC - 1 };

static char const *const names[QUEUE_SPARE_SIZES] = { "lock/spare8", "lock/spare16", "lock/spare32", "lock/spare64" };

char const *queue_spare_fifo(size_t index) { return names[index]; }
size_t queue_spare_size(size_t index) { return (size_t)QUEUE_SPARE_LEAST << index; }

size_t queue_spare_index(uint64_t len)
{
  size_t i = 0;
  while (i < QUEUE_SPARE_SIZES && queue_spare_size(i) < len) i++;
  return i;
}

/* ext4, xfs, tmpfs, and overlayfs, which leaves it to one of them. Those that never overwrite gain nothing. */
bool queue_spare_suits(int fd)
{
  static unsigned const kinds[] = { 0xef53, 0x58465342, 0x01021994, 0x794c7630 };
  struct statfs st;
  if (fstatfs(fd, &st) == -1) return false;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if ((unsigned)st.f_type == kinds[i]) return true;
  return false;
}

/* ---- one file ---- */

static int open_mess(uint64_t id)
{
  char path[QUEUE_PATH_MAX];
  queue_path_mess(path, id);
  return open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

static bool no(void)
{
  errno = EBUSY;
  return false;
}

/* A file with its one name. What is removed meanwhile has none: a message written to it would be nowhere. */
static bool is_named(int fd, struct stat *st)
{
  if (fstat(fd, st) == -1) return false;
  return (S_ISREG(st->st_mode) && st->st_nlink == 1) || no();
}

/* This and what follows: false with errno, EBUSY where all is well and it is not so. */
static bool is_spare(int fd, struct stat *st)
{
  char magic[MAGIC];
  ssize_t r;
  if (!is_named(fd, st)) return false;
  if (st->st_size < QUEUE_FOOTER) return no();
  do r = pread(fd, magic, MAGIC, st->st_size - QUEUE_FOOTER); while (r == -1 && errno == EINTR);
  return r == -1 ? false : (r == MAGIC && !memcmp(magic, QUEUE_SPARE_MAGIC, MAGIC)) || no();
}

bool queue_spare_is(uint64_t id)
{
  char path[QUEUE_PATH_MAX];
  struct stat st;
  queue_path_mess(path, id);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  bool spare = fd != -1 && is_spare(fd, &st);
  if (fd != -1) fd_close(fd);
  return spare;
}

static bool is_ours(int fd)
{
  return lock_try(fd) || (errno == EWOULDBLOCK && no());
}

/* Looked at before it is locked, too: nobody locks a message that is not his. */
static int open_spare(uint64_t id, struct stat *st)
{
  int fd = open_mess(id);
  if (fd == -1 || (is_spare(fd, st) && is_ours(fd) && is_spare(fd, st))) return fd;
  int e = errno;
  fd_close(fd);
  return errno = e, -1;
}

bool queue_spare_make(uint64_t id, size_t *index)
{
  struct stat st;
  int fd = open_mess(id);
  if (fd == -1) return false;
  bool made = lock_try(fd) && is_named(fd, &st);
  *index = made ? queue_spare_index((uint64_t)st.st_size) : QUEUE_SPARE_SIZES;
  made = *index < QUEUE_SPARE_SIZES && (size_t)st.st_size == queue_spare_size(*index)
      && pwrite(fd, QUEUE_SPARE_MAGIC, MAGIC, st.st_size - QUEUE_FOOTER) == MAGIC;
  fd_close(fd);
  return made;
}

bool queue_spare_drop(uint64_t id)
{
  char path[QUEUE_PATH_MAX];
  struct stat st;
  int fd = open_spare(id, &st);
  if (fd == -1) return errno == ENOENT || errno == EBUSY;
  queue_path_mess(path, id);
  bool dropped = unlink(path) == 0;
  int e = errno;
  fd_close(fd);
  errno = e;
  return dropped;
}

/* ---- the numbers ---- */

/* Kept open by who accepts many messages. */
static int fifos[QUEUE_SPARE_SIZES] = { -1, -1, -1, -1 };

/* 1, 0 when it is empty, -1 when nobody fills it any more. */
static int read_number(int fd, uint64_t *id)
{
  ssize_t r = read(fd, id, sizeof *id);
  return r == sizeof *id ? 1 : r == -1 && errno == EAGAIN ? 0 : -1;
}

/* What nobody fills may be the FIFO of a qmail-clean that is gone. */
static bool next_number(size_t index, uint64_t *id)
{
  int *fd = fifos + index, r = *fd == -1 ? -1 : read_number(*fd, id);
  if (r >= 0) return r;
  if (*fd != -1) fd_close(*fd);
  *fd = open(names[index], O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  return *fd != -1 && read_number(*fd, id) == 1;
}

size_t queue_spare_offered(size_t index)
{
  int bytes = 0, fd = open(names[index], O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (fd == -1) return 0;
  if (ioctl(fd, FIONREAD, &bytes) == -1) bytes = 0;
  fd_close(fd);
  return (size_t)bytes / sizeof (uint64_t);
}

int queue_spare_take(size_t index, uint64_t *id)
{
  struct stat st;
  for (int i = 0; i < TRIES && next_number(index, id); i++) {
    int fd = open_spare(*id, &st);
    if (fd != -1 && (size_t)st.st_size == queue_spare_size(index)) return fd;
    if (fd != -1) fd_close(fd);
  }
  return -1;
}
