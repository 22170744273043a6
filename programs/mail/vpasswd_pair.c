#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "cdb_file.h"
#include "cdb_records.h"
#include "dir_file.h"
#include "dir_lock.h"
#include "vpasswd_pair.h"
#include "vpasswd_text.h"

#define TEXT "vpasswd"
#define TEXT_ASIDE ".vpasswd.new"
#define CDB "vpasswd.cdb"
#define CDB_ASIDE ".vpasswd.cdb.new"
#define CDB_RENEWED ".vpasswd.cdb.renewed"
#define LOCK ".vpasswd.lock"

enum { READER_SECONDS = 2 };            /* somebody makes the table that is missing */

int pair_lock(int directory, unsigned seconds)
{
  return dir_lock(directory, LOCK, seconds);
}

/* ---- making vpasswd.cdb ---- */

static struct field value_of(struct field line, struct field name)
{
  struct field value = { line.s + name.len + 1, line.len - name.len - 1 };
  if (value.len && value.s[value.len - 1] == '\n') value.len--;
  if (value.len && value.s[value.len - 1] == '\r') value.len--;
  return value;
}

static bool add_user(struct cdb_file *c, stralloc *key, struct field line, struct field name)
{
  struct field const value = value_of(line, name);
  if (!bytes_setb(key, name.s, name.len)) return false;
  case_lowerb(key->s, key->len);
  return cdb_file_add(c, key->s, key->len, value.s, value.len);
}

static bool add_users(struct cdb_file *c, struct field text)
{
  stralloc key = STRALLOC_ZERO;
  struct field line, name;
  bool is_user, done = true;
  while (done && vpasswd_text_next(&line, &name, &is_user, &text))
    if (is_user) done = add_user(c, &key, line, name);
  stralloc_free(&key);
  return done;
}

/* All of it on disk, under the name aside. */
static bool settle_cdb(struct cdb_file *c, int directory, char const *aside, struct field text)
{
  if (!cdb_file_begin_in(c, directory, CDB, aside, dir_file_mode(directory, CDB))) return false;
  if (dir_file_owner(&c->file, directory) && add_users(c, text) && cdb_file_settle(c)) return true;
  cdb_file_forget(c);
  return false;
}

static bool is_there(int directory, char const *name)
{
  struct stat st;
  return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool remove_aside(int directory)
{
  return unlinkat(directory, CDB_ASIDE, 0) == 0 || errno == ENOENT;
}

/* What tells that it must be made goes when it is made. */
static bool make_cdb(int directory, struct field text)
{
  struct cdb_file c = CDB_FILE_ZERO;
  return settle_cdb(&c, directory, CDB_RENEWED, text) && replace_name(&c.file) && remove_aside(directory);
}

/* ---- after a crash ---- */

static bool is_decided(int directory)
{
  return is_there(directory, CDB_ASIDE) && !is_there(directory, TEXT_ASIDE);
}

/* 1; 0 when there is no vpasswd; -1 with errno. */
static int renew(int directory)
{
  stralloc text = STRALLOC_ZERO;
  int r = dir_file_read(&text, directory, TEXT, PAIR_MAX);
  if (r == 1 && !make_cdb(directory, (struct field){ text.s, text.len })) r = -1;
  stralloc_free(&text);
  return r;
}

bool pair_renew(int directory)
{
  int r = renew(directory);
  if (r == 0) errno = ENOENT;
  return r == 1;
}

/* Of users that were to be the first nothing is decided as long as there is no vpasswd. */
bool pair_repair(int directory)
{
  int r = is_decided(directory) ? renew(directory) : 1;
  return r == 1 || (r == 0 && remove_aside(directory));
}

/* ---- reading ---- */

/* Whoever is at it already does it. */
static bool repair_now(int directory)
{
  int lock = pair_lock(directory, 0);
  if (lock == -1) return false;
  bool done = pair_repair(directory);
  fd_close(lock);
  return done;
}

static bool make_missing(int directory)
{
  int lock = pair_lock(directory, READER_SECONDS);
  if (lock == -1) return false;
  bool made = is_there(directory, CDB) || pair_renew(directory);
  fd_close(lock);
  return made;
}

/* Only who writes needs a descriptor of the directory where he is. */
static bool with_descriptor(bool (*does)(int), int directory)
{
  if (directory != AT_FDCWD) return does(directory);
  int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool done = here != -1 && does(here);
  int e = errno;
  if (here != -1) fd_close(here);
  errno = e;
  return done;
}

static int open_cdb(int directory, struct kept_file *kept)
{
  return kept ? kept_file_open(kept, directory, CDB) : dir_file_open(directory, CDB);
}

int pair_open(int directory, struct kept_file *kept)
{
  if (is_decided(directory)) with_descriptor(repair_now, directory);
  int fd = open_cdb(directory, kept);
  if (fd != -1 || errno != ENOENT) return fd;
  return with_descriptor(make_missing, directory) ? open_cdb(directory, kept) : -1;
}

bool pair_read_cdb(stralloc *to, int directory)
{
  int fd = pair_open(directory, 0);
  if (fd == -1) return false;
  bool done = dir_file_read_fd(to, fd, PAIR_MAX);
  fd_close(fd);
  return done;
}

static bool add_record(stralloc *to, struct field key, struct field value)
{
  if (value.len && memchr(value.s, '\n', value.len)) return errno = EPROTO, false;
  return bytes_addb(to, key.s, key.len) && bytes_add(to, ":") && bytes_addb(to, value.s, value.len)
      && bytes_add(to, "\n");
}

static bool lines_of_cdb(stralloc *to, char const *s, size_t len)
{
  struct field key, value;
  size_t at = 0;
  enum cdb_records_result r;
  while ((r = cdb_records_next(&key, &value, s, len, &at)) == CDB_RECORDS_ONE)
    if (!add_record(to, key, value)) return false;
  errno = EPROTO;
  return r == CDB_RECORDS_END;
}

int pair_read_text(stralloc *to, int directory)
{
  stralloc cdb = STRALLOC_ZERO;
  size_t const was = to->len;
  int r = dir_file_read(to, directory, TEXT, PAIR_MAX);
  if (r == -1 || to->len > was) return r;
  int in_cdb = dir_file_read(&cdb, directory, CDB, PAIR_MAX);
  if (in_cdb == 1 && !lines_of_cdb(to, cdb.s, cdb.len)) in_cdb = -1;
  stralloc_free(&cdb);
  return in_cdb ? in_cdb : r;
}

/* ---- writing ---- */

static bool settle_text(struct replacement *r, int directory, char const *s, size_t len)
{
  return replace_begin_in(r, directory, TEXT, TEXT_ASIDE, dir_file_mode(directory, TEXT))
      && dir_file_owner(r, directory) && replace_write(r, s, len) && replace_settle(r);
}

static bool finish(int directory)
{
  if (renameat(directory, CDB_ASIDE, directory, CDB) == -1) return pair_renew(directory);
  return fsync(directory) == 0;
}

bool pair_write(int directory, char const *s, size_t len)
{
  struct replacement text = REPLACEMENT_ZERO;
  struct cdb_file cdb = CDB_FILE_ZERO;
  if (!pair_repair(directory) || !settle_text(&text, directory, s, len)) return false;
  if (!settle_cdb(&cdb, directory, CDB_ASIDE, (struct field){ s, len })) {
    replace_forget(&text);
    return false;
  }
  replace_leave(&cdb.file);
  if (replace_name(&text)) return finish(directory);
  int e = errno;
  pair_repair(directory);
  errno = e;
  return false;
}
