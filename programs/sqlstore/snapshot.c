#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "snapshot.h"
#include "store_wire.h"

enum {
  SNAPSHOT_MAX = 1 << 30,       /* bytes */
  SUM_DIGITS = 16
};

/* ---- keys ---- */

static bool set_key(stralloc *to, struct field name, struct field domain)
{
  if (!bytes_setb(to, name.s, name.len) || !bytes_addc(to, '@') || !bytes_addb(to, domain.s, domain.len)) return false;
  case_lowerb(to->s, to->len);
  return true;
}

/* A domain is named as it is, and a table as that of a domain. */
static bool keeps_hash(struct snapshot_rules const *rules, struct field domain)
{
  return nameset_has(rules->with_hash, domain.s, domain.len);
}

/* ---- to make it ---- */

bool snapshot_begin(struct snapshot_writer *w, struct snapshot_rules const *rules)
{
  *w = (struct snapshot_writer){ .rules = rules, .time = time(0) };
  return cdb_file_begin(&w->file, rules->path, rules->aside, 0600);
}

/* FNV-1a; of all records in any order the same. */
static uint64_t sum_of(stralloc const *key, char const *value, size_t len)
{
  uint64_t n = 0xcbf29ce484222325;
  for (size_t i = 0; i < key->len; i++) n = (n ^ (unsigned char)key->s[i]) * 0x100000001b3;
  for (size_t i = 0; i < len; i++) n = (n ^ (unsigned char)value[i]) * 0x100000001b3;
  return n;
}

static bool put(struct snapshot_writer *w, stralloc const *key, char const *value, size_t len)
{
  if (w->file.size > SNAPSHOT_MAX) return snapshot_forget(w), errno = EFBIG, false;
  w->sum += sum_of(key, value, len);
  return cdb_file_add(&w->file, key->s, key->len, value, len);
}

bool snapshot_add_table(struct snapshot_writer *w, struct field table)
{
  static stralloc key = STRALLOC_ZERO;
  if (set_key(&key, (struct field){ "", 0 }, table)) return put(w, &key, "", 0);
  snapshot_forget(w);
  return false;
}

/* A record that does not fit is of nobody who could be told of. */
bool snapshot_add(struct snapshot_writer *w, struct field domain_or_table, struct vpasswd const *record)
{
  static stralloc key = STRALLOC_ZERO;
  static char value[STORE_FRAME_MAX];
  struct field const none = { "", 0 };
  bool const with_hash = keeps_hash(w->rules, domain_or_table);
  struct store_frame f = { .word = STORE_SAYS_RECORD, .edit = { .fields = with_hash ? STORE_HASH : 0, .record = *record } };
  if (!with_hash) f.edit.record.hash = none;
  f.edit.record.comment = f.edit.record.clear = none;
  f.edit.record.has_clear = false;
  size_t const len = record->name.len ? store_frame_pack(value, &f) : 0;
  bool const set = set_key(&key, record->name, domain_or_table);
  if (!set) snapshot_forget(w);
  return set && (!len || put(w, &key, value, len));
}

static void print_sum(char to[SUM_DIGITS + 1], struct snapshot_writer const *w)
{
  snprintf(to, SUM_DIGITS + 1, "%016" PRIx64, w->sum);
}

static bool same_as_before(struct snapshot_writer const *w, char const *sum)
{
  char before[SUM_DIGITS];
  unsigned len;
  int fd = open(w->rules->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd == -1) return false;
  bool same = cdb_seek(fd, "", 0, &len) == 1 && len == SUM_DIGITS && cdb_bread(fd, before, SUM_DIGITS) == 0
           && memcmp(before, sum, SUM_DIGITS) == 0;
  struct timespec const times[2] = { { .tv_sec = w->time }, { .tv_sec = w->time } };
  same = same && futimens(fd, times) == 0;
  fd_close(fd);
  return same;
}

static bool set_time(struct snapshot_writer const *w)
{
  struct timespec const times[2] = { { .tv_sec = w->time }, { .tv_sec = w->time } };
  return futimens(w->file.file.fd, times) == 0;
}

/* The disk has no work with what was known. */
bool snapshot_commit(struct snapshot_writer *w)
{
  char sum[SUM_DIGITS + 1];
  print_sum(sum, w);
  if (same_as_before(w, sum)) return snapshot_forget(w), true;
  if (!cdb_file_add(&w->file, "", 0, sum, SUM_DIGITS)) return false;
  return cdb_file_settle(&w->file) && set_time(w) && replace_name(&w->file.file);
}

void snapshot_forget(struct snapshot_writer *w)
{
  cdb_file_forget(&w->file);
}

/* ---- to use it ---- */

static enum store_result trouble(int error)
{
  return errno = error, STORE_TROUBLE;
}

static bool is_too_old(int fd, unsigned long bound, long *age)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return true;
  *age = (long)(time(0) - st.st_mtime);
  if (*age < 0) *age = 0;
  return (unsigned long)*age > bound;
}

static int open_it(struct snapshot_rules const *rules, long *age)
{
  int fd = open(rules->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd == -1 || !is_too_old(fd, rules->age, age)) return fd;
  fd_close(fd);
  return errno = ESTALE, -1;
}

/* The name by which the domain's users are known here, as long as table. 1, 0 when it is nobody's, -1. */
static int find_place(struct field *place, char table[STATEMENT_DOMAIN_MAX + 1], int fd, struct field domain, unsigned how)
{
  static stralloc key = STRALLOC_ZERO;
  unsigned len;
  if (!statement_table_name(table, domain)) return 0;
  if (!set_key(&key, (struct field){ "", 0 }, field_of(table))) return -1;
  int r = cdb_seek(fd, key.s, (unsigned)key.len, &len);
  *place = r == 1 ? field_of(table) : domain;
  return r == 1 && how & SNAPSHOT_NO_TABLE ? 0 : r == -1 ? -1 : 1;
}

static int find_value(stralloc *space, int fd, struct field domain, struct field name, unsigned how)
{
  static stralloc key = STRALLOC_ZERO;
  char table[STATEMENT_DOMAIN_MAX + 1];
  struct field place;
  unsigned len;
  int r = find_place(&place, table, fd, domain, how);
  if (r == 1) r = set_key(&key, name, place) ? cdb_seek(fd, key.s, (unsigned)key.len, &len) : -1;
  if (r != 1) return r;
  if (len > STORE_FRAME_MAX) return errno = EPROTO, -1;
  space->len = 0;
  if (!bytes_room(space, len) || cdb_bread(fd, space->s, (int)len) == -1) return -1;
  space->len = len;
  return 1;
}

static bool take(struct store_frame *f, char const *s, size_t len)
{
  return store_frame_unpack(f, s, len) == (long)len && len && f->word == STORE_SAYS_RECORD;
}

enum store_result snapshot_find(struct vpasswd *record, stralloc *space, struct snapshot_rules const *rules, struct field domain,
                                struct field name, unsigned how, long *age)
{
  struct store_frame f;
  int fd = open_it(rules, age);
  if (fd == -1) return STORE_TROUBLE;
  int r = find_value(space, fd, domain, name, how);
  fd_close(fd);
  if (r != 1) return r == 0 ? trouble(ENODATA) : STORE_TROUBLE;
  if (!take(&f, space->s, space->len)) return trouble(EPROTO);
  if (how & SNAPSHOT_WITH_HASH && !(f.edit.fields & STORE_HASH && keeps_hash(rules, domain))) return trouble(ENODATA);
  *record = f.edit.record;
  return STORE_LATELY;
}

/* ---- all of a domain ---- */

static bool is_of(struct cdb *cdb, struct field place)
{
  size_t const len = cdb_keylen(cdb);
  char const *key = cdb_getkey(cdb);
  return len > place.len + 1 && key && key[len - place.len - 1] == '@' && nameset_same(key + len - place.len, place.s, place.len);
}

static enum store_result call_each(struct cdb *cdb, struct field place, store_each *each, void *with)
{
  struct store_frame f;
  unsigned at;
  int r;
  cdb_seqinit(&at, cdb);
  while ((r = cdb_seqnext(&at, cdb)) > 0) {
    if (!is_of(cdb, place)) continue;
    char const *value = cdb_getdata(cdb);
    if (!value || !take(&f, value, cdb_datalen(cdb))) return trouble(EPROTO);
    if (!each(with, &f.edit.record)) break;
  }
  return r < 0 ? trouble(EPROTO) : STORE_LATELY;
}

static enum store_result list(int fd, struct field domain, unsigned how, store_each *each, void *with)
{
  char table[STATEMENT_DOMAIN_MAX + 1];
  struct field place;
  struct cdb cdb;
  if (find_place(&place, table, fd, domain, how) != 1) return trouble(ENODATA);
  if (cdb_init(&cdb, fd) == -1) return STORE_TROUBLE;
  enum store_result r = call_each(&cdb, place, each, with);
  cdb_free(&cdb);
  return r;
}

enum store_result snapshot_list(struct snapshot_rules const *rules, struct field domain, unsigned how,
                                store_each *each, void *with, long *age)
{
  int fd = open_it(rules, age);
  if (fd == -1) return STORE_TROUBLE;
  enum store_result r = list(fd, domain, how, each, with);
  int e = errno;
  fd_close(fd);
  errno = e;
  return r;
}
