#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "feed.h"
#include "log_files.h"
#include "memory.h"
#include "text.h"

struct sink { void (*take)(void *with, struct field line); void *with; };

/* What the last line has so far comes with the next report. */
static void read_file(int fd, char const *path, struct sink const *sink)
{
  struct feed feed = { .fds = &fd, .left = 1 };
  struct field line;
  enum feed_result r;
  while ((r = feed_next(&feed, &line)) == FEED_LINE) sink->take(sink->with, line);
  if (r == FEED_TROUBLE) strerr_diefusys(111, "read ", path);
  feed_end(&feed);
  close(fd);
}

/* multilog may have renamed or removed a file since its name was read. */
static void read_named(int directory, char const *name, char const *path, struct sink const *sink)
{
  int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd == -1 && errno != ENOENT) strerr_diefusys(111, "read ", path, "/", name);
  if (fd != -1) read_file(fd, path, sink);
}

static int is_rotated(struct dirent const *d)
{
  return d->d_name[0] == '@';
}

/* By bytes, whatever the locale. */
static int by_name(struct dirent const **a, struct dirent const **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_directory(int fd, char const *path, struct sink const *sink)
{
  struct dirent **names;
  int count = scandirat(fd, ".", &names, is_rotated, by_name);
  if (count == -1) strerr_diefusys(111, "read ", path);
  for (int i = 0; i < count; i++) {
    read_named(fd, names[i]->d_name, path, sink);
    free(names[i]);
  }
  free(names);
  read_named(fd, "current", path, sink);
  close(fd);
}

void log_files_read(char const *path, void (*take)(void *, struct field), void *with)
{
  struct sink const sink = { take, with };
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (fd != -1) {
    read_directory(fd, path, &sink);
    return;
  }
  if (errno == ENOTDIR) fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd == -1) strerr_diefusys(111, "read ", path);
  read_file(fd, path, &sink);
}
