/* odd_disk [ -s MICROSECONDS ] [ -f ] [ -w FD ] FILE DIRECTORY: shows FILE as DIRECTORY/disk, a disk that is

   -s   slow: each flush takes so much longer than it does below, while reads and writes pass at once
   -f   forgetful: what was written since the last flush lies in a cache and is lost in part when the power goes

   With -w it withdraws into the mount namespace that is open as FD: what the disk carries is mounted where DIRECTORY is seen,
   and were this process there, too, and the last one, its own end would wait for the disk to take the last writes. It ends
   when DIRECTORY is unmounted, also because all who saw it are gone.

   DIRECTORY/power is the switch. "off SEED" cuts: of each sector one version that was written since the last flush, or
   the one before them, is what the disk will remember, by chance, and nothing is written any more. "on" after that. */

#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fuse3/fuse.h>

enum { SECTOR = 512 };

static int file;
static struct timespec longer;
static bool forgetful, off;

/* ---- the cache: sectors by number, each with what was written there since the last flush ---- */

struct version {
  struct version *older;
  char bytes[SECTOR];
};

struct cached {
  off_t number;
  struct version *latest;     /* null: a free place */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct cached *cache;
static size_t room = 1024, used;      /* room is a power of two, at most half of it used */

static struct cached *place(struct cached *table, size_t size, off_t number)
{
  size_t i = (size_t)((uint64_t)number * 0x9E3779B97F4A7C15u >> 32) & (size - 1);
  while (table[i].latest && table[i].number != number) i = (i + 1) & (size - 1);
  return table + i;
}

static void *memory(size_t count, size_t size)
{
  void *m = calloc(count, size);
  if (!m) abort();
  return m;
}

static void grow(void)
{
  struct cached *wider = memory(2 * room, sizeof *wider);
  for (size_t i = 0; i < room; i++)
    if (cache[i].latest) *place(wider, 2 * room, cache[i].number) = cache[i];
  free(cache);
  cache = wider;
  room *= 2;
}

static void remember(off_t number, char const *bytes)
{
  if (2 * used >= room) grow();
  struct cached *c = place(cache, room, number);
  struct version *v = memory(1, sizeof *v);
  if (!c->latest) used++;
  v->older = c->latest;
  memcpy(v->bytes, bytes, SECTOR);
  *c = (struct cached){ number, v };
}

/* Writes what was chosen of each sector, and empties the cache. */
static int settle(struct version const *(*choice)(struct cached const *))
{
  int r = 0;
  for (size_t i = 0; i < room; i++) {
    if (!cache[i].latest) continue;
    struct version const *kept = choice(cache + i);
    if (kept && pwrite(file, kept->bytes, SECTOR, cache[i].number * SECTOR) != SECTOR) r = -EIO;
    for (struct version *v = cache[i].latest, *older; v; v = older) {
      older = v->older;
      free(v);
    }
    cache[i].latest = 0;
  }
  used = 0;
  return r;
}

static struct version const *latest(struct cached const *c)
{
  return c->latest;
}

/* ---- the switch ---- */

static unsigned short chance[3];
static double survival;         /* of a version; another one at each cut, so that much and little gets lost */

static struct version const *by_chance(struct cached const *c)
{
  struct version const *v = c->latest;
  while (v && erand48(chance) >= survival) v = v->older;
  return v;
}

static void cut(char const *seed)
{
  uint64_t mixed = 14695981039346656037u;
  for (; *seed; seed++) mixed = (mixed ^ (unsigned char)*seed) * 1099511628211u;
  for (int i = 0; i < 3; i++) chance[i] = (unsigned short)(mixed >> 16 * i);
  survival = erand48(chance);
  settle(by_chance);
  off = true;
}

static int power_write(char const *from, size_t len)
{
  char words[64] = "";
  memcpy(words, from, len < sizeof words - 1 ? len : sizeof words - 1);
  if (strncmp(words, "off ", 4) == 0) cut(words + 4);
  else if (strncmp(words, "on", 2) == 0) off = false;
  else return -EINVAL;
  return (int)len;
}

/* ---- the disk ---- */

static int result(ssize_t r)
{
  return r == -1 ? -errno : (int)r;
}

static int cached_read(char *to, size_t len, off_t at)
{
  int r = result(pread(file, to, len, at));
  for (size_t i = 0; r > 0 && i + SECTOR <= (size_t)r; i += SECTOR) {
    struct cached const *c = place(cache, room, (at + (off_t)i) / SECTOR);
    if (c->latest) memcpy(to + i, c->latest->bytes, SECTOR);
  }
  return r;
}

static int cached_write(char const *from, size_t len, off_t at)
{
  if (at % SECTOR || len % SECTOR) return -EINVAL;
  if (off) return -EIO;
  for (size_t i = 0; i < len; i += SECTOR) remember((at + (off_t)i) / SECTOR, from + i);
  return (int)len;
}

static int cached_flush(void)
{
  return off ? -EIO : settle(latest);
}

static bool is_disk(char const *path)
{
  return strcmp(path, "/disk") == 0;
}

static bool is_power(char const *path)
{
  return strcmp(path, "/power") == 0;
}

static int disk_getattr(char const *path, struct stat *st, struct fuse_file_info *open)
{
  (void)open;
  if (is_disk(path)) return result(fstat(file, st));
  if (is_power(path)) *st = (struct stat){ .st_mode = S_IFREG | 0200, .st_nlink = 1 };
  else if (strcmp(path, "/") == 0) *st = (struct stat){ .st_mode = S_IFDIR | 0755, .st_nlink = 2 };
  else return -ENOENT;
  return 0;
}

static int disk_readdir(char const *path, void *to, fuse_fill_dir_t fill, off_t at, struct fuse_file_info *open,
                        enum fuse_readdir_flags flags)
{
  (void)path, (void)at, (void)open, (void)flags;
  fill(to, "disk", 0, 0, 0);
  fill(to, "power", 0, 0, 0);
  return 0;
}

/* What is written shall be down here, not in the page cache above. */
static int disk_open(char const *path, struct fuse_file_info *open)
{
  open->direct_io = 1;
  return is_disk(path) || is_power(path) ? 0 : -ENOENT;
}

static int disk_truncate(char const *path, off_t size, struct fuse_file_info *open)
{
  (void)size, (void)open;
  return is_power(path) ? 0 : -EPERM;
}

static int disk_read(char const *path, char *to, size_t len, off_t at, struct fuse_file_info *open)
{
  (void)open;
  if (is_power(path)) return 0;
  if (!forgetful) return result(pread(file, to, len, at));
  pthread_mutex_lock(&lock);
  int r = cached_read(to, len, at);
  pthread_mutex_unlock(&lock);
  return r;
}

static int disk_write(char const *path, char const *from, size_t len, off_t at, struct fuse_file_info *open)
{
  (void)open;
  if (!forgetful) return is_power(path) ? -EPERM : result(pwrite(file, from, len, at));
  pthread_mutex_lock(&lock);
  int r = is_power(path) ? power_write(from, len) : cached_write(from, len, at);
  pthread_mutex_unlock(&lock);
  return r;
}

static int disk_fsync(char const *path, int data_only, struct fuse_file_info *open)
{
  (void)data_only, (void)open;
  int r = 0;
  if (is_power(path)) return 0;
  if (forgetful) {
    pthread_mutex_lock(&lock);
    r = cached_flush();
    pthread_mutex_unlock(&lock);
  } else if (fdatasync(file) == -1) r = -errno;
  nanosleep(&longer, 0);
  return r;
}

static struct fuse_operations const operations = {
  .getattr = disk_getattr,
  .readdir = disk_readdir,
  .open = disk_open,
  .truncate = disk_truncate,
  .read = disk_read,
  .write = disk_write,
  .fsync = disk_fsync
};

/* ---- its life ---- */

static int serve(char *program, char const *directory, int elsewhere)
{
  char *words[] = { program, 0 };
  struct fuse_args args = FUSE_ARGS_INIT(1, words);
  struct fuse *fuse = fuse_new(&args, &operations, sizeof operations, 0);
  if (!fuse || fuse_mount(fuse, directory) != 0) return 111;
  if (elsewhere != -1 && setns(elsewhere, CLONE_NEWNS) == -1) {
    perror("odd_disk: unable to withdraw");
    fuse_unmount(fuse);
    return 111;
  }
  fuse_daemonize(0);
  return fuse_loop_mt(fuse, 0) == 0 ? 0 : 111;
}

int main(int argc, char **argv)
{
  int elsewhere = -1;
  for (int o; (o = getopt(argc, argv, "s:fw:")) != -1;) {
    long number = optarg ? strtol(optarg, 0, 10) : 0;
    if (o == 's') longer = (struct timespec){ number / 1000000, number % 1000000 * 1000 };
    else if (o == 'f') forgetful = true;
    else if (o == 'w') elsewhere = (int)number;
    else argc = 0;
  }
  if (argc - optind != 2) {
    fputs("odd_disk: usage: odd_disk [ -s microseconds ] [ -f ] [ -w fd ] file directory\n", stderr);
    return 100;
  }
  file = open(argv[optind], O_RDWR | O_CLOEXEC);
  if (file == -1) {
    perror(argv[optind]);
    return 111;
  }
  cache = memory(room, sizeof *cache);
  return serve(argv[0], argv[optind + 1], elsewhere);
}
