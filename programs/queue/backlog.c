#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "backlog.h"
#include "queue_path.h"

enum { BYTES_MAX = (BACKLOG_FREE + BACKLOG_MOST_US / BACKLOG_US) / BACKLOG_UNIT + 1 };

static int fifo = -1;
static size_t told;             /* bytes in it */

void backlog_begin(void)
{
  fifo = open(QUEUE_BACKLOG, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
}

void backlog_tell(size_t messages)
{
  static char bytes[BYTES_MAX];
  size_t const wanted = messages / BACKLOG_UNIT < BYTES_MAX ? messages / BACKLOG_UNIT : BYTES_MAX;
  ssize_t n;
  if (fifo == -1 || wanted == told) return;
  if (wanted > told) n = write(fifo, bytes, wanted - told);
  else n = read(fifo, bytes, told - wanted);
  if (n > 0) told = wanted > told ? told + (size_t)n : told - (size_t)n;
}

unsigned backlog_delay_for(size_t messages)
{
  if (messages <= BACKLOG_FREE) return 0;
  size_t const beyond = messages - BACKLOG_FREE;
  return beyond < BACKLOG_MOST_US / BACKLOG_US ? (unsigned)beyond * BACKLOG_US : BACKLOG_MOST_US;
}

unsigned backlog_delay_us(void)
{
  int bytes = 0, fd = open(QUEUE_BACKLOG, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (fd == -1) return 0;
  if (ioctl(fd, FIONREAD, &bytes) == -1 || bytes < 0) bytes = 0;
  close(fd);
  return backlog_delay_for((size_t)bytes * BACKLOG_UNIT);
}
