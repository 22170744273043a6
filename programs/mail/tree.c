#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "tree.h"

/* What is only passed through may be closed to who wants to know its names. */
enum { DIRECTORY = O_RDONLY | O_DIRECTORY | O_CLOEXEC, PASSED = O_PATH | O_DIRECTORY | O_CLOEXEC };

/* ---- opening ---- */

static bool only_root_writes(int fd)
{
  struct stat st;
  return fstat(fd, &st) == 0 && st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static int open_in(int parent, char const *name, int flags)
{
  int fd = openat(parent, name, flags | O_NOFOLLOW);
  if (fd != -1 || (errno != ELOOP && errno != ENOTDIR)) return fd;
  if (only_root_writes(parent)) return openat(parent, name, flags);
  errno = ELOOP;
  return -1;
}

/* Takes the next name of the path; false at its end, or with errno when it is too long. */
static bool name_next(char name[NAME_MAX + 1], char const **path)
{
  *path += strspn(*path, "/");
  size_t len = strcspn(*path, "/");
  errno = len > NAME_MAX ? ENAMETOOLONG : 0;
  if (!len || len > NAME_MAX) return false;
  memcpy(name, *path, len);
  name[len] = 0;
  *path += len;
  return true;
}

static bool is_end(char const *path)
{
  return !path[strspn(path, "/")];
}

int tree_open(char const *path)
{
  char name[NAME_MAX + 1];
  int fd = open("/", is_end(path) ? DIRECTORY : PASSED);
  while (fd != -1 && name_next(name, &path)) {
    int next = open_in(fd, name, is_end(path) ? DIRECTORY : PASSED);
    fd_close(fd);
    fd = next;
  }
  if (fd == -1 || !*path) return fd;
  fd_close(fd);
  errno = ENAMETOOLONG;
  return -1;
}

int tree_open_parent(char const *path, char const **name)
{
  char directory[PATH_MAX];
  char const *slash = strrchr(path, '/');
  if (!slash || !slash[1] || (size_t)(slash - path) >= sizeof directory) {
    errno = EINVAL;
    return -1;
  }
  memcpy(directory, path, (size_t)(slash - path));
  directory[slash - path] = 0;
  *name = slash + 1;
  return tree_open(directory);
}

static bool has_other_names(int fd)
{
  struct stat st;
  return fstat(fd, &st) == -1 || (S_ISREG(st.st_mode) && st.st_nlink > 1);
}

static int open_absolute(char const *path, int flags)
{
  char const *name;
  int parent = tree_open_parent(path, &name);
  int fd = parent == -1 ? -1 : open_in(parent, name, flags);
  int e = errno;
  if (fd != -1 && has_other_names(fd) && !only_root_writes(parent)) {
    fd_close(fd);
    fd = -1, e = EMLINK;
  }
  if (parent != -1) fd_close(parent);
  errno = e;
  return fd;
}

/* Without the slashes at its end. False when it is too long, or nobody knows where we are. */
static bool make_absolute(char whole[2 * PATH_MAX], char const *path)
{
  char here[PATH_MAX] = "";
  if (*path != '/' && !getcwd(here, sizeof here)) return false;
  size_t len = (size_t)snprintf(whole, 2 * PATH_MAX, "%s/%s", here, path);
  errno = ENAMETOOLONG;
  if (len >= 2 * PATH_MAX) return false;
  while (len && whole[len - 1] == '/') whole[--len] = 0;
  return true;
}

int tree_open_given(char const *path, int flags)
{
  char whole[2 * PATH_MAX];
  if (geteuid() != 0) return open(path, flags);
  if (!make_absolute(whole, path)) return -1;
  return *whole ? open_absolute(whole, flags) : open("/", flags);
}

/* ---- making and moving ---- */

/* Whether it is what was made just now: the owner of parent may have put another one in its place, which must not become
   somebody's. */
static bool is_new(int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return false;
  errno = EPERM;
  return st.st_uid == geteuid() && (st.st_mode & 05777) == 0700 && st.st_nlink <= 2;
}

/* Of what is right already nothing is set: the kernel takes the setgid bit away from who is not in the group. */
static bool give(int fd, uid_t uid, gid_t gid, mode_t mode)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return false;
  return ((st.st_mode & 07777) == mode || fchmod(fd, mode) == 0) && ((st.st_uid == uid && st.st_gid == gid) || fchown(fd, uid, gid) == 0);
}

int tree_make(int parent, char const *name, uid_t uid, gid_t gid, mode_t mode)
{
  if (mkdirat(parent, name, 0700) == -1) return -1;
  int fd = openat(parent, name, DIRECTORY | O_NOFOLLOW);
  if (fd != -1 && is_new(fd) && give(fd, uid, gid, mode) && fsync(fd) == 0 && fsync(parent) == 0) return fd;
  int e = errno;
  if (fd != -1) fd_close(fd);
  errno = e;
  return -1;
}

/* Who is not root is the owner. What is root's has others' directories in it: whoever may pass through its parent may pass. */
static bool give_to_owner_of(int parent, int fd, mode_t mode)
{
  struct stat st;
  if (geteuid() != 0) return fchmod(fd, mode) == 0;
  if (fstat(parent, &st) == -1) return false;
  if (st.st_uid == 0) mode |= st.st_mode & 0011;
  return fchmod(fd, mode) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0;
}

int tree_enter(int parent, char const *name, mode_t mode)
{
  bool made = mkdirat(parent, name, 0700) == 0;
  if (!made && errno != EEXIST) return -1;
  int fd = openat(parent, name, DIRECTORY | O_NOFOLLOW);
  if (fd == -1 || !made || (is_new(fd) && give_to_owner_of(parent, fd, mode) && fsync(parent) == 0)) return fd;
  int e = errno;
  fd_close(fd);
  errno = e;
  return -1;
}

int tree_enter_path(int parent, char const *path, mode_t mode)
{
  char name[NAME_MAX + 1];
  int fd = fcntl(parent, F_DUPFD_CLOEXEC, 0);
  while (fd != -1 && name_next(name, &path)) {
    int next = tree_enter(fd, name, mode);
    fd_close(fd);
    fd = next;
  }
  return fd;
}

static bool is_there(int parent, char const *name)
{
  struct stat st;
  return fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool tree_move(char const *path, char const *to)
{
  char const *name;
  int parent = tree_open_parent(path, &name);
  if (parent == -1) return false;
  bool moved = renameat2(parent, name, parent, to, RENAME_NOREPLACE) == 0 || (errno == ENOENT && is_there(parent, to));
  moved = moved && fsync(parent) == 0;
  fd_close(parent);
  return moved;
}

static bool sync_and_close(int fd)
{
  bool synced = fsync(fd) == 0;
  int e = errno;
  fd_close(fd);
  errno = e;
  return synced;
}

bool tree_carry(char const *from, char const *to)
{
  char const *from_name, *to_name;
  int from_parent = tree_open_parent(from, &from_name);
  if (from_parent == -1) return errno == ENOENT;
  int to_parent = tree_open_parent(to, &to_name);
  bool moved = to_parent != -1
            && (renameat2(from_parent, from_name, to_parent, to_name, RENAME_NOREPLACE) == 0
                || (errno == ENOENT && !is_there(from_parent, from_name)));
  int e = errno;
  bool synced = (to_parent == -1 || sync_and_close(to_parent)) & sync_and_close(from_parent);
  if (!moved) errno = e;
  return moved && synced;
}

/* ---- removing ---- */

static bool remove_at(int parent, char const *name, int depth);

static bool remove_all_in(int fd, int depth)
{
  DIR *dir = fdopendir(fd);
  struct dirent const *d;
  bool removed = true;
  if (!dir) {
    fd_close(fd);
    return false;
  }
  while (removed && (errno = 0, d = readdir(dir))) {
    if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0) continue;
    removed = remove_at(dirfd(dir), d->d_name, depth + 1);
  }
  int e = errno;
  closedir(dir);
  errno = e;
  return removed && !e;
}

static bool remove_directory(int parent, char const *name, int depth)
{
  int fd = openat(parent, name, DIRECTORY | O_NOFOLLOW);
  if (fd == -1) return errno == ENOENT;
  return remove_all_in(fd, depth) && (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT);
}

static bool remove_at(int parent, char const *name, int depth)
{
  if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return true;
  if (errno != EISDIR) return false;
  if (depth < TREE_DEPTH_MAX) return remove_directory(parent, name, depth);
  errno = ELOOP;
  return false;
}

bool tree_remove(int parent, char const *name)
{
  return remove_at(parent, name, 0) && fsync(parent) == 0;
}
