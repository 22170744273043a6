/* slow_flush MICROSECONDS FILE DIRECTORY: shows FILE as DIRECTORY/disk, where each fsync takes so much longer than it
   does below. Reads and writes pass at once, also while an fsync waits, as a disk with a write cache does it. */

#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fuse3/fuse.h>

static int file;
static struct timespec longer;

static int result(ssize_t r)
{
  return r == -1 ? -errno : (int)r;
}

static bool is_disk(char const *path)
{
  return strcmp(path, "/disk") == 0;
}

static int disk_getattr(char const *path, struct stat *st, struct fuse_file_info *open)
{
  (void)open;
  if (is_disk(path)) return result(fstat(file, st));
  if (strcmp(path, "/")) return -ENOENT;
  *st = (struct stat){ .st_mode = S_IFDIR | 0755, .st_nlink = 2 };
  return 0;
}

static int disk_readdir(char const *path, void *to, fuse_fill_dir_t fill, off_t at, struct fuse_file_info *open,
                        enum fuse_readdir_flags flags)
{
  (void)path, (void)at, (void)open, (void)flags;
  fill(to, "disk", 0, 0, 0);
  return 0;
}

/* What is written shall be down here, not in the page cache above. */
static int disk_open(char const *path, struct fuse_file_info *open)
{
  open->direct_io = 1;
  return is_disk(path) ? 0 : -ENOENT;
}

static int disk_read(char const *path, char *to, size_t len, off_t at, struct fuse_file_info *open)
{
  (void)path, (void)open;
  return result(pread(file, to, len, at));
}

static int disk_write(char const *path, char const *from, size_t len, off_t at, struct fuse_file_info *open)
{
  (void)path, (void)open;
  return result(pwrite(file, from, len, at));
}

static int disk_fsync(char const *path, int data_only, struct fuse_file_info *open)
{
  (void)path, (void)data_only, (void)open;
  if (fdatasync(file) == -1) return -errno;
  nanosleep(&longer, 0);
  return 0;
}

static struct fuse_operations const operations = {
  .getattr = disk_getattr,
  .readdir = disk_readdir,
  .open = disk_open,
  .read = disk_read,
  .write = disk_write,
  .fsync = disk_fsync
};

int main(int argc, char **argv)
{
  if (argc != 4) {
    fputs("slow_flush: usage: slow_flush MICROSECONDS FILE DIRECTORY\n", stderr);
    return 100;
  }
  long us = strtol(argv[1], 0, 10);
  longer = (struct timespec){ us / 1000000, us % 1000000 * 1000 };
  file = open(argv[2], O_RDWR | O_CLOEXEC);
  if (file == -1) {
    perror(argv[2]);
    return 111;
  }
  char *words[] = { argv[0], argv[3], 0 };
  return fuse_main(2, words, &operations, 0);
}
