#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backlog.h"
#include "queue_path.h"

enum { BYTES_MAX = (BACKLOG_FREE + BACKLOG_MOST_US / BACKLOG_US) / BACKLOG_UNIT + 1 };

static int fifo = -1;
static size_t told = SIZE_MAX;  /* bytes in it, unless somebody else has put some there, or taken them */

void backlog_begin(void)
{
  struct stat st;
  fifo = open(QUEUE_BACKLOG, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (fifo == -1 || (fstat(fifo, &st) == 0 && S_ISFIFO(st.st_mode))) return;
  close(fifo);
  fifo = -1;
}

static size_t bytes_in(int fd)
{
  int bytes = 0;
  return ioctl(fd, FIONREAD, &bytes) == -1 || bytes < 0 ? 0 : (size_t)bytes;
}

void backlog_tell(size_t messages)
{
  static char bytes[BYTES_MAX];
  size_t const wanted = messages / BACKLOG_UNIT < BYTES_MAX ? messages / BACKLOG_UNIT : BYTES_MAX;
  if (fifo == -1 || wanted == told) return;
  size_t const there = bytes_in(fifo), more = wanted > there ? wanted - there : 0;
  size_t const fewer = there > wanted ? there - wanted : 0;
  ssize_t const done = more ? write(fifo, bytes, more) : fewer ? read(fifo, bytes, fewer < sizeof bytes ? fewer : sizeof bytes) : 0;
  if (done >= 0 && (size_t)done == more + fewer) told = wanted;
}

unsigned backlog_delay_for(size_t messages)
{
  if (messages <= BACKLOG_FREE) return 0;
  size_t const beyond = messages - BACKLOG_FREE;
  return beyond < BACKLOG_MOST_US / BACKLOG_US ? (unsigned)beyond * BACKLOG_US : BACKLOG_MOST_US;
}

unsigned backlog_delay_us(void)
{
  int fd = open(QUEUE_BACKLOG, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (fd == -1) return 0;
  size_t const bytes = bytes_in(fd);
  close(fd);
  return backlog_delay_for(bytes * BACKLOG_UNIT);
}
