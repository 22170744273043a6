#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "lately.h"
#include "md5.h"
#include "store_wire.h"

enum { PATH_SIZE = 128, NAME = 2 * MD5_SIZE, FRESHER = 8 };

/* ---- its name ---- */

static bool set_path(char to[PATH_SIZE], struct lately_rules const *rules, struct field domain, struct field name)
{
  static stralloc key = STRALLOC_ZERO;
  char digest[MD5_SIZE];
  struct md5 m;
  if (!bytes_setb(&key, name.s, name.len) || !bytes_addc(&key, '@') || !bytes_addb(&key, domain.s, domain.len)) return false;
  case_lowerb(key.s, key.len);
  md5_begin(&m);
  md5_add(&m, key.s, key.len);
  md5_end(&m, digest);
  int n = snprintf(to, PATH_SIZE, "%s/", rules->room);
  for (size_t i = 0; i < MD5_SIZE; i++) n += snprintf(to + n, PATH_SIZE - (size_t)n, "%02x", (unsigned char)digest[i]);
  return true;
}

/* ---- what is in it ---- */

static bool keeps_hash(struct lately_rules const *rules, struct field domain)
{
  return nameset_has(rules->with_hash, domain.s, domain.len);
}

static size_t pack(char to[STORE_FRAME_MAX], struct lately_rules const *rules, struct field domain, struct vpasswd const *record)
{
  struct field const none = { "", 0 };
  bool const with_hash = keeps_hash(rules, domain);
  struct store_frame f = {
    .word = STORE_SAYS_RECORD, .domain = domain, .edit = { .fields = with_hash ? STORE_HASH : 0, .record = *record }
  };
  if (!with_hash) f.edit.record.hash = none;
  f.edit.record.comment = f.edit.record.clear = none;
  f.edit.record.has_clear = false;
  return store_frame_pack(to, &f);
}

static long age_of(int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return -1;
  time_t const age = time(0) - st.st_mtime;
  return age < 0 ? 0 : (long)age;
}

static ssize_t read_all(int fd, char to[STORE_FRAME_MAX + 1])
{
  return (ssize_t)allread(fd, to, STORE_FRAME_MAX + 1);
}

/* ---- keeping ---- */

/* Whether the file says so already; then at most its time is set. */
static bool is_kept(char const *path, char const *frame, size_t len, unsigned long age)
{
  static char before[STORE_FRAME_MAX + 1];
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd == -1) return false;
  bool same = read_all(fd, before) == (ssize_t)len && memcmp(before, frame, len) == 0;
  explicit_bzero(before, sizeof before);
  if (same && (unsigned long)age_of(fd) > age / FRESHER) same = futimens(fd, 0) == 0;
  fd_close(fd);
  return same;
}

/* Each process has a name of its own for what is not whole yet. */
static void write_anew(struct lately_rules const *rules, char const *path, char const *frame, size_t len)
{
  char aside[PATH_SIZE];
  snprintf(aside, sizeof aside, "%s/.%ld", rules->room, (long)getpid());
  int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd == -1) return;
  bool whole = allwrite(fd, frame, len) == len;
  fd_close(fd);
  if (!whole || rename(aside, path) == -1) unlink(aside);
}

/* Nobody waits for it, or hears that it could not be done. */
void lately_keep(struct lately_rules const *rules, struct field domain, struct vpasswd const *record)
{
  static char frame[STORE_FRAME_MAX];
  char path[PATH_SIZE];
  int const e = errno;
  size_t const len = rules->age ? pack(frame, rules, domain, record) : 0;
  if (len && set_path(path, rules, domain, record->name) && !is_kept(path, frame, len, rules->age)) write_anew(rules, path, frame, len);
  explicit_bzero(frame, len);
  errno = e;
}

void lately_forget(struct lately_rules const *rules, struct field domain, struct field name)
{
  char path[PATH_SIZE];
  int const e = errno;
  if (rules->age && set_path(path, rules, domain, name)) unlink(path);
  errno = e;
}

/* ---- using ---- */

static enum store_result trouble(int error)
{
  return errno = error, STORE_TROUBLE;
}

static bool take(struct store_frame *f, char const *s, size_t len, struct field domain, struct field name)
{
  return store_frame_unpack(f, s, len) == (long)len && f->word == STORE_SAYS_RECORD && field_same(f->domain, domain)
    && field_same(f->edit.record.name, name);
}

enum store_result lately_find(struct vpasswd *record, stralloc *space, struct lately_rules const *rules, struct field domain,
                              struct field name, bool with_hash, long *age)
{
  char path[PATH_SIZE];
  struct store_frame f;
  if (!rules->age || !set_path(path, rules, domain, name) || !bytes_ready(space, STORE_FRAME_MAX + 1)) return trouble(ENODATA);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd == -1) return STORE_TROUBLE;
  ssize_t const len = read_all(fd, space->s);
  *age = age_of(fd);
  fd_close(fd);
  if (*age < 0 || (unsigned long)*age > rules->age) return trouble(ESTALE);
  if (len <= 0 || !take(&f, space->s, (size_t)len, domain, name)) return trouble(EPROTO);
  if (with_hash && !(f.edit.fields & STORE_HASH && keeps_hash(rules, domain))) return trouble(ENODATA);
  *record = f.edit.record;
  return STORE_LATELY;
}

/* ---- the room ---- */

static void drop_if_old(struct lately_rules const *rules, DIR *room, char const *name)
{
  struct stat st;
  if (name[0] != '.' && strlen(name) != NAME) return;
  if (fstatat(dirfd(room), name, &st, AT_SYMLINK_NOFOLLOW) == -1 || !S_ISREG(st.st_mode)) return;
  if (name[0] == '.' || time(0) - st.st_mtime > (time_t)rules->age) unlinkat(dirfd(room), name, 0);
}

bool lately_open(struct lately_rules const *rules)
{
  if (rules->age && mkdir(rules->room, 0700) == -1 && errno != EEXIST) return false;
  DIR *room = opendir(rules->room);
  if (!room) return !rules->age && errno == ENOENT;
  struct dirent *entry;
  while ((entry = readdir(room))) drop_if_old(rules, room, entry->d_name);
  return closedir(room) == 0;
}
