#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "command.h"
#include "dir_file.h"
#include "maild_files.h"
#include "refuse.h"
#include "text.h"
#include "tree.h"

/* ---- places ---- */

/* What is not there, or leads out, is refused; the rest is trouble. */
_Noreturn static void refuse_path(char const *path)
{
  stralloc why = STRALLOC_ZERO;
  if (errno != ENOENT && errno != ENOTDIR && errno != EXDEV && errno != ELOOP && errno != EEXIST && errno != EISDIR && errno != EPERM)
    strerr_diefusys(REFUSE_MACHINE, "work on ", path);
  text_set(&why, strerror(errno));
  refuse_in_words(REFUSE_NO, text_z(&why));
}

static int base_open(struct maild_file const *file)
{
  stralloc space = STRALLOC_ZERO, path = STRALLOC_ZERO;
  struct vpasswd record;
  if (!file->named->user.len) return named_table(file->named).directory;
  if (!named_find(file->named, &record, &space)) refuse(VCODE_NO_USER);
  text_setb(&path, record.dir.s, record.dir.len);
  int home = tree_open(text_z(&path));
  if (home == -1) refuse_path(path.s);
  return home;
}

static int open_below(int base, char const *path, int flags)
{
  struct open_how const how = {
    .flags = (uint64_t)(flags | O_CLOEXEC | O_NONBLOCK), .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS
  };
  int fd = (int)syscall(SYS_openat2, base, *path ? path : ".", &how, sizeof how);
  if (fd == -1) refuse_path(path);
  return fd;
}

static void refuse_name(char const *name)
{
  if (*name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/')) return;
  refuse_saying(VCODE_BAD_CHARACTER, "that is no name");
}

struct place { int directory; char const *name; };

/* The directory of the last name, and that. */
static struct place place_find(struct maild_file const *file)
{
  stralloc above = STRALLOC_ZERO;
  char const *slash = strrchr(file->path, '/');
  struct place place = { -1, slash ? slash + 1 : file->path };
  refuse_name(place.name);
  if (slash) text_setb(&above, file->path, slash == file->path ? 1 : (size_t)(slash - file->path));
  else text_set(&above, "");
  place.directory = open_below(base_open(file), text_z(&above), O_RDONLY | O_DIRECTORY);
  return place;
}

/* ---- what is done ---- */

static void add_entry(stralloc *to, int directory, char const *name)
{
  struct stat st;
  if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == -1 || (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))) return;
  text_add(to, name);
  text_add(to, S_ISDIR(st.st_mode) ? " dir\n" : " file\n");
}

int maild_file_list(void *file_)
{
  struct maild_file const *file = file_;
  stralloc text = STRALLOC_ZERO;
  int fd = open_below(base_open(file), file->path, O_RDONLY | O_DIRECTORY);
  DIR *dir = fdopendir(fd);
  if (!dir) refuse_path(file->path);
  for (struct dirent const *d; (errno = 0, d = readdir(dir));)
    if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 && !strchr(d->d_name, '\n')) add_entry(&text, fd, d->d_name);
  if (errno) refuse_path(file->path);
  command_answer(&text);
  return 0;
}

int maild_file_stat(void *file_)
{
  struct maild_file const *file = file_;
  stralloc text = STRALLOC_ZERO;
  struct stat st;
  int fd = open_below(base_open(file), file->path, O_RDONLY);
  if (fstat(fd, &st) == -1) refuse_path(file->path);
  text_set(&text, "uid: ");
  text_addu(&text, st.st_uid);
  text_addc(&text, '\n');
  command_answer(&text);
  return 0;
}

int maild_file_read(void *file_)
{
  struct maild_file const *file = file_;
  stralloc text = STRALLOC_ZERO;
  struct stat st;
  int fd = open_below(base_open(file), file->path, O_RDONLY);
  if (fstat(fd, &st) == -1) refuse_path(file->path);
  if (!S_ISREG(st.st_mode) || st.st_nlink > 1 || st.st_size > MAILD_FILE_MAX) refuse_saying(VCODE_BAD_CHARACTER, "that is no file that can be shown");
  if (!dir_file_read_fd(&text, fd, MAILD_FILE_MAX)) refuse_path(file->path);
  command_answer(&text);
  return 0;
}

static void refuse_unless(struct place place, mode_t kind, bool may_be_missing)
{
  struct stat st;
  if (fstatat(place.directory, place.name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
    if (errno != ENOENT || !may_be_missing) refuse_path(place.name);
  }
  else if ((st.st_mode & S_IFMT) != kind) refuse_saying(VCODE_BAD_CHARACTER, kind == S_IFDIR ? "that is no directory" : "that is no file");
}

int maild_file_write(void *file_)
{
  struct maild_file const *file = file_;
  struct place place = place_find(file);
  refuse_unless(place, S_IFREG, true);
  if (!dir_file_write(place.directory, place.name, file->to, file->to_len)) refuse_path(file->path);
  return 0;
}

int maild_file_remove(void *file_)
{
  struct place place = place_find(file_);
  refuse_unless(place, S_IFREG, false);
  if (unlinkat(place.directory, place.name, 0) == -1 || fsync(place.directory) == -1) refuse_path(place.name);
  return 0;
}

/* Nothing that has the other name is lost. */
int maild_file_rename(void *file_)
{
  struct maild_file const *file = file_;
  struct place place = place_find(file);
  refuse_name(file->to);
  refuse_unless(place, S_IFREG, false);
  if (renameat2(place.directory, place.name, place.directory, file->to, RENAME_NOREPLACE) == -1 || fsync(place.directory) == -1)
    refuse_path(place.name);
  return 0;
}

int maild_dir_make(void *file_)
{
  struct place place = place_find(file_);
  if (mkdirat(place.directory, place.name, 0700) == -1 || fsync(place.directory) == -1) refuse_path(place.name);
  return 0;
}

int maild_dir_remove(void *file_)
{
  struct place place = place_find(file_);
  refuse_unless(place, S_IFDIR, false);
  if (!tree_remove(place.directory, place.name)) refuse_path(place.name);
  return 0;
}
