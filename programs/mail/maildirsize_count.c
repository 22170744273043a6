#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/direntry.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "maildir_name.h"
#include "maildirsize_count.h"

enum { PLACE = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };

struct directory_seen {
  size_t name;                  /* offset into names */
  ino_t inode;
  struct timespec changed;
};

static bool is_later(struct timespec a, struct timespec b)
{
  return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* The kernel's stamps move in steps of some milliseconds. Once its clock is past the stamp, each further change gives
   another one. A stamp in the far future is as good. */
static bool settles(struct timespec changed)
{
  enum { TRIES = 30 };
  struct timespec now;
  for (int i = 0; i < TRIES; i++) {
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (is_later(now, changed) || changed.tv_sec > now.tv_sec + 1) return true;
    nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, 0);
  }
  return false;
}

/* ---- one directory ---- */

/* A directory that is not there, or is none, is empty: -1 with 0 in errno. */
static int open_place(int at, char const *name)
{
  int fd = openat(at, name, PLACE);
  if (fd == -1 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) errno = 0;
  return fd;
}

static DIR *list(int fd)
{
  DIR *d = fd == -1 ? 0 : fdopendir(fd);
  if (!d && fd != -1) fd_close(fd);
  return d;
}

/* 1 with the size, 0 when it is no message, or gone, -1 with errno. */
static int size_of(int dir, char const *name, size_t base_len, uint64_t *size)
{
  struct stat st;
  if (maildir_name_size(name, base_len, size)) return 1;
  if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1) return errno == ENOENT ? 0 : -1;
  *size = (uint64_t)st.st_size;
  return S_ISREG(st.st_mode);
}

static bool count_file(struct maildirsize_count *c, int dir, struct dirent const *entry)
{
  uint64_t size;
  size_t base_len = strcspn(entry->d_name, ":");
  if (entry->d_name[0] == '.' || (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN)) return true;
  if (c->files++ == c->files_max) return (errno = EOVERFLOW, false);
  if (maildir_name_is_trashed(entry->d_name, base_len)) return true;
  int r = size_of(dir, entry->d_name, base_len, &size);
  if (r == 1) quota_usage_add(&c->usage, size);
  return r != -1;
}

/* The stamp is taken before the list. */
static bool note_entry(struct maildirsize_count *c, size_t name, int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return false;
  if (!settles(st.st_mtim)) c->unsettled = true;
  struct directory_seen const seen = { name, st.st_ino, st.st_mtim };
  return genalloc_append(struct directory_seen, &c->seen, &seen);
}

static bool count_files(struct maildirsize_count *c, DIR *d)
{
  struct dirent const *entry;
  while (errno = 0, entry = readdir(d))
    if (!count_file(c, dirfd(d), entry)) return false;
  return !errno;
}

static bool count_directory(struct maildirsize_count *c, int maildir, char const *folder, char const *which)
{
  size_t name = c->names.len;
  if (!bytes_add(&c->names, folder) || !bytes_addb(&c->names, which, strlen(which) + 1)) return false;
  DIR *d = list(open_place(maildir, c->names.s + name));
  if (!d) return !errno;
  bool done = note_entry(c, name, dirfd(d)) && count_files(c, d);
  dir_close(d);
  return done;
}

/* ---- all ---- */

static bool is_folder(struct dirent const *entry)
{
  static char const *const others[] = { ".", "..", ".Trash" };
  if (entry->d_name[0] != '.' || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)) return false;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (!strcmp(entry->d_name, others[i])) return false;
  return true;
}

static bool list_folders(struct maildirsize_count *c, stralloc *folders, DIR *d)
{
  struct dirent const *entry;
  for (uint64_t n = 0; errno = 0, entry = readdir(d);) {
    if (!is_folder(entry)) continue;
    if (n++ == c->folders_max) return (errno = EOVERFLOW, false);
    if (!bytes_add(folders, entry->d_name) || !bytes_addb(folders, "/", 2)) return false;
  }
  return !errno;
}

/* cur/ before new/: what a reader takes from new/ to cur/ meanwhile leaves a mark on both, and new/, where most changes
   happen, has the shortest time for them. */
static bool count_folder(struct maildirsize_count *c, int maildir, char const *folder)
{
  return count_directory(c, maildir, folder, "cur") && count_directory(c, maildir, folder, "new");
}

bool maildirsize_count(struct maildirsize_count *c, int maildir)
{
  stralloc folders = STRALLOC_ZERO;
  DIR *d = list(openat(maildir, ".", PLACE));
  if (!d) return false;
  bool done = list_folders(c, &folders, d);
  dir_close(d);
  for (size_t at = 0; done && at < folders.len; at += strlen(folders.s + at) + 1)
    done = count_folder(c, maildir, folders.s + at);
  stralloc_free(&folders);
  return done && count_folder(c, maildir, "");
}

static bool is_as_seen(struct directory_seen const *seen, int maildir, char const *name)
{
  struct stat st;
  return fstatat(maildir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_ino == seen->inode
      && st.st_mtim.tv_sec == seen->changed.tv_sec && st.st_mtim.tv_nsec == seen->changed.tv_nsec;
}

bool maildirsize_count_stands(struct maildirsize_count const *c, int maildir)
{
  struct directory_seen const *seen = genalloc_s(struct directory_seen, &c->seen);
  if (c->unsettled) return false;
  for (size_t i = genalloc_len(struct directory_seen, &c->seen); i--;)
    if (!is_as_seen(seen + i, maildir, c->names.s + seen[i].name)) return false;
  return true;
}

void maildirsize_count_free(struct maildirsize_count *c)
{
  stralloc_free(&c->names);
  genalloc_free(struct directory_seen, &c->seen);
}
