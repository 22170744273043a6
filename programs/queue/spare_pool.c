#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "monotonic.h"
#include "queue_spare.h"
#include "spare_pool.h"

enum {
  POOL_BYTES = 4 << 20,         /* of all spare files of a size */
  TEND_MS = 60000,
  FULL_SHARE = 20               /* with less than so much of it free, a disk is nearly full */
};

/* The fewest there were since the pool was tended: so many nobody has wanted. */
static struct pool { int fifo; size_t fewest; } pools[QUEUE_SPARE_SIZES];
static int64_t tended;
static bool any;

static size_t count(struct pool const *p)
{
  int bytes = 0;
  return p->fifo == -1 || ioctl(p->fifo, FIONREAD, &bytes) == -1 ? 0 : (size_t)bytes / sizeof (uint64_t);
}

static bool is_nearly_full(void)
{
  struct statvfs st;
  return statvfs("mess", &st) == -1 || st.f_bavail < st.f_blocks / FULL_SHARE;
}

/* Ours to read and write: so it holds numbers while nobody else has it open. */
static int fifo_open(char const *name)
{
  struct stat st;
  if (mkfifo(name, 0600) == -1 && errno != EEXIST) return -1;
  if (lstat(name, &st) == -1 || !S_ISFIFO(st.st_mode) || st.st_uid != geteuid()) return -1;
  return open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
}

void spare_pool_begin(void)
{
  for (size_t i = 0; i < QUEUE_SPARE_SIZES; i++) pools[i] = (struct pool){ fifo_open(queue_spare_fifo(i)), 0 };
  tended = monotonic_ms();
}

static bool offer(size_t index, uint64_t id)
{
  struct pool *p = pools + index;
  size_t const n = count(p);
  if (n < p->fewest) p->fewest = n;
  if (p->fifo == -1 || (n + 1) * queue_spare_size(index) > POOL_BYTES || is_nearly_full()) return false;
  any = true;
  return write(p->fifo, &id, sizeof id) == sizeof id;
}

/* Once it is spare somebody may have it by a number of old: then only who holds its lock may remove it. What cannot be removed is left to the
   next scan. */
bool spare_pool_keep(uint64_t id)
{
  size_t index;
  if (!queue_spare_make(id, &index)) return false;
  if (!offer(index, id)) queue_spare_drop(id);
  return true;
}

static void drop(struct pool *p, size_t some)
{
  uint64_t id;
  while (some-- && read(p->fifo, &id, sizeof id) == sizeof id) queue_spare_drop(id);
  p->fewest = count(p);
}

static void drop_unwanted(bool all)
{
  any = false;
  for (struct pool *p = pools; p < pools + QUEUE_SPARE_SIZES; p++) {
    if (p->fifo != -1) drop(p, all ? count(p) : p->fewest);
    any |= p->fewest != 0;
  }
  tended = monotonic_ms();
}

int spare_pool_wait(void)
{
  int64_t const left = tended + TEND_MS - monotonic_ms();
  return !any ? -1 : left < 0 ? 0 : (int)left;
}

void spare_pool_tend(void)
{
  if (any && monotonic_ms() - tended >= TEND_MS) drop_unwanted(is_nearly_full());
}

void spare_pool_end(void)
{
  drop_unwanted(true);
}
