#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "made_directory.h"

bool directory_synced(char const *path)
{
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1) return false;
  bool done = fsync(fd) == 0;
  int e = errno;
  fd_close(fd);
  errno = e;
  return done;
}

bool made_directory(char const *path, char const *above)
{
  if (mkdir(path, 0755) == -1) return errno == EEXIST;
  return directory_synced(above);
}
