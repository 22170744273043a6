#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "user_home.h"

/* A directory, and what may be in one that nobody has used yet. */
struct place { char const *name; mode_t mode; struct place const *parts; };

static struct place const of_maildir[] = { { "tmp", 0700, 0 }, { "new", 0700, 0 }, { "cur", 0700, 0 }, { 0, 0, 0 } };
static struct place const of_home[] = { { "Maildir", 0700, of_maildir }, { 0, 0, 0 } };

static char const never[] = USER_HOME_NEVER "\n";

static int open_in(int parent, char const *name)
{
  return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* ---- looking ---- */

static bool is_unused(int parent, char const *name, struct place const *parts);

static struct place const *part_find(struct place const *parts, char const *name)
{
  for (; parts && parts->name; parts++)
    if (strcmp(parts->name, name) == 0) return parts;
  return 0;
}

/* Or the beginning of it: who wrote it was ended meanwhile. */
static bool says_never(int fd, char const *name)
{
  char text[sizeof never + 1];
  int file = openat(fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  ssize_t r = file == -1 ? -1 : read(file, text, sizeof text);
  if (file != -1) fd_close(file);
  return r >= 0 && r < (ssize_t)sizeof never && !memcmp(text, never, (size_t)r);
}

static bool entry_is_unused(int fd, char const *name, struct place const *parts)
{
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return true;
  if (parts == of_home && strcmp(name, USER_HOME_LOGIN) == 0) return says_never(fd, name);
  struct place const *part = part_find(parts, name);
  return part && is_unused(fd, name, part->parts);
}

static bool is_unused(int parent, char const *name, struct place const *parts)
{
  int fd = open_in(parent, name);
  DIR *dir = fd == -1 ? 0 : fdopendir(fd);
  struct dirent const *d;
  bool unused = dir;
  if (fd != -1 && !dir) fd_close(fd);
  while (unused && (errno = 0, d = readdir(dir))) unused = entry_is_unused(dirfd(dir), d->d_name, parts);
  unused = unused && !errno;
  if (dir) closedir(dir);
  return unused;
}

/* ---- making ---- */

static bool make(int parent, char const *name, mode_t mode, struct place const *parts, bool durable)
{
  bool is_new = mkdirat(parent, name, mode) == 0;
  if (!is_new && errno != EEXIST) return false;
  if (is_new && !durable && !parts && !(mode & 077)) return true;       /* no umask takes anything from it */
  int fd = open_in(parent, name);
  bool made = fd != -1 && fchmod(fd, mode) == 0;
  for (; made && parts && parts->name; parts++) made = make(fd, parts->name, parts->mode, parts->parts, durable);
  made = made && (!durable || fsync(fd) == 0);
  int e = errno;
  if (fd != -1) fd_close(fd);
  errno = e;
  return made;
}

static enum vcode make_home(int parent, char const *name, bool durable)
{
  struct stat st;
  bool exists = fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && !is_unused(parent, name, of_home)) return VCODE_USER_DIR_EXISTS;
  bool made = make(parent, name, 0750, of_home, durable) && (!durable || fsync(parent) == 0);
  return made ? VCODE_OK : VCODE_MAKE_USER_DIRS;
}

enum vcode user_home_make(int parent, char const *name)
{
  return make_home(parent, name, true);
}

enum vcode user_home_make_unsynced(int parent, char const *name)
{
  return make_home(parent, name, false);
}

/* It may be lost in a power cut: then nothing is known of him. */
bool user_home_note_new(int parent, char const *name)
{
  char path[NAME_MAX + sizeof "/" USER_HOME_LOGIN];
  int n = snprintf(path, sizeof path, "%s/" USER_HOME_LOGIN, name);
  if (n < 0 || (size_t)n >= sizeof path) return errno = ENAMETOOLONG, false;
  int fd = openat(parent, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  if (fd == -1) return false;
  bool done = write(fd, never, sizeof never - 1) == sizeof never - 1;
  int e = errno;
  fd_close(fd);
  errno = e;
  return done;
}

static bool complete(int parent, char const *name, mode_t mode, struct place const *parts)
{
  struct stat st;
  if (fstatat(parent, name, &st, 0) == -1) return errno == ENOENT && make(parent, name, mode, parts, true);
  if (!parts) return true;
  int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool done = fd != -1;
  for (; done && parts->name; parts++) done = complete(fd, parts->name, parts->mode, parts->parts);
  done = done && fsync(fd) == 0;
  int e = errno;
  if (fd != -1) fd_close(fd);
  errno = e;
  return done;
}

bool user_home_complete(int parent, char const *name)
{
  return complete(parent, name, 0750, of_home) && fsync(parent) == 0;
}
