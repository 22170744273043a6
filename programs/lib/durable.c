#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "durable.h"

bool durable_bytes(int fd)
{
  unsigned const all = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  if (sync_file_range(fd, 0, 0, all) == 0) return true;
  return (errno == ENOSYS || errno == EINVAL || errno == ESPIPE) && fdatasync(fd) == 0;
}
