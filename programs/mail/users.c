#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "cdb_bytes.h"
#include "own_disk.h"
#include "users.h"

#define TABLE "users/cdb"

enum { RECORD_MAX = 65536 };    /* bytes of one record of users/cdb */

/* ---- the list of six fields ---- */

enum { NAME, UID, GID, USER_HOME, DASH, EXT, FIELDS };

struct user_field { char const *s; size_t len; };

/* Cuts at NULs: every field but the last must have one. */
static bool cut_fields(struct user_field fields[FIELDS], char const *s, size_t len)
{
  for (int i = 0; i < FIELDS; i++) {
    size_t n = byte_chr(s, len, 0);
    if (n == len && i < EXT) return false;
    fields[i] = (struct user_field){ s, n };
    if (n < len) n++;
    s += n;
    len -= n;
  }
  return len == 0;
}

/* The largest number stands for "no change" in setuid and its kin, so it is no account's. */
static bool number(struct user_field f, uint32_t *n)
{
  uint64_t scanned = 0;
  for (size_t i = 0; i < f.len; i++) {
    if (f.s[i] < '0' || f.s[i] > '9') return false;
    scanned = 10 * scanned + (uint64_t)(f.s[i] - '0');
    if (scanned >= UINT32_MAX) return false;
  }
  *n = (uint32_t)scanned;
  return f.len > 0;
}

/* The NUL behind the text is there but does not count. */
static int keep(stralloc *to, struct user_field f)
{
  if (!bytes_setb(to, f.s, f.len) || !bytes_end(to)) return 0;
  to->len--;
  return 1;
}

int users_parse(struct user *user, char const *s, size_t len)
{
  struct user_field f[FIELDS];
  uint32_t uid, gid;
  if (!cut_fields(f, s, len) || !f[NAME].len || !number(f[UID], &uid) || !number(f[GID], &gid)) return 0;
  user->uid = (uid_t)uid;
  user->gid = (gid_t)gid;
  bool kept = keep(&user->name, f[NAME]) && keep(&user->home, f[USER_HOME]) && keep(&user->dash, f[DASH])
           && keep(&user->ext, f[EXT]);
  return kept ? 1 : -1;
}

/* ---- a record ---- */

static enum users_result find_record(struct field table, char const *key, size_t len, struct field *record)
{
  int r = cdb_bytes_find(record, table.s, table.len, key, len);
  if (r == 0) return USERS_NOBODY;
  errno = EPROTO;
  return r < 0 || record->len > RECORD_MAX ? USERS_TROUBLE : USERS_FOUND;
}

/* The last characters of all wildcard patterns, in the case they were written in. Addresses are compared in lower case. */
static bool may_end_pattern(struct field wildcards, char last)
{
  for (size_t i = 0; i < wildcards.len; i++)
    if ((char)tolower((unsigned char)wildcards.s[i]) == last) return true;
  return false;
}

static enum users_result find_wildcards(struct field table, struct field *wildcards)
{
  enum users_result r = find_record(table, "", 0, wildcards);
  return r == USERS_NOBODY ? USERS_TROUBLE : r;
}

static enum users_result keep_record(stralloc *data, struct field record, char const *rest, size_t rest_len)
{
  return bytes_setb(data, record.s, record.len) && bytes_addb(data, rest, rest_len) ? USERS_FOUND : USERS_NOMEM;
}

/* key is '!', the box in lower case, NUL. First the exact key with its NUL, then ever shorter beginnings without;
   what the pattern leaves over is appended to its ext as it was written. */
static enum users_result find_data(struct field table, char const *key, char const *box, size_t len, stralloc *data)
{
  struct field wildcards, record;
  enum users_result r = find_wildcards(table, &wildcards);
  if (r == USERS_FOUND) r = find_record(table, key, len + 2, &record);
  if (r == USERS_FOUND) return keep_record(data, record, "", 0);
  for (size_t n = len + 1; r == USERS_NOBODY && n >= 1; n--) {
    if (n > 1 && !may_end_pattern(wildcards, key[n - 1])) continue;
    r = find_record(table, key, n, &record);
    if (r == USERS_FOUND) r = keep_record(data, record, box + n - 1, len - (n - 1));
  }
  return r;
}

/* The record of the pattern that this beginning is. */
static enum users_result find_prefix(struct field table, char const *key, char const *prefix, size_t len, stralloc *data)
{
  struct field record;
  (void)prefix;
  enum users_result r = find_record(table, key, len + 1, &record);
  return r == USERS_FOUND ? keep_record(data, record, "", 0) : r;
}

typedef enum users_result finder(struct field table, char const *key, char const *box, size_t len, stralloc *data);

static enum users_result parse_found(struct user *user, stralloc const *data)
{
  int parsed = users_parse(user, data->s, data->len);
  errno = EPROTO;
  return parsed > 0 ? USERS_FOUND : parsed < 0 ? USERS_NOMEM : USERS_TROUBLE;
}

static enum users_result find_by(struct field table, finder *find, struct user *user, char const *box, size_t len)
{
  static stralloc key = STRALLOC_ZERO, data = STRALLOC_ZERO;
  if (!bytes_set(&key, "!") || !bytes_addb(&key, box, len) || !bytes_end(&key)) return USERS_NOMEM;
  case_lowerb(key.s, key.len);
  enum users_result r = find(table, key.s, box, len, &data);
  return r == USERS_FOUND ? parse_found(user, &data) : r;
}

enum users_result users_find_in(struct user *user, char const *s, size_t size, char const *box, size_t len)
{
  return find_by((struct field){ s, size }, find_data, user, box, len);
}

/* ---- users/cdb ---- */

/* As long as it is mapped no other file has its number. What is written into it is seen, but for one in a layer of a container's
   image: then another file takes its place under the same number, and its time tells. */
static struct { struct field bytes; dev_t device; ino_t number; struct timespec written; bool is_own; } kept;

static void let_go(void)
{
  if (kept.bytes.s) munmap((void *)kept.bytes.s, kept.bytes.len);
  kept.bytes = (struct field){ 0, 0 };
  kept.is_own = false;
}

static bool is_kept(struct stat const *st)
{
  return kept.is_own && st->st_ino == kept.number && st->st_dev == kept.device && (uint64_t)st->st_size == kept.bytes.len
    && st->st_mtim.tv_sec == kept.written.tv_sec && st->st_mtim.tv_nsec == kept.written.tv_nsec;
}

static bool map(int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return false;
  if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > UINT32_MAX) return errno = EPROTO, false;
  void *bytes = mmap(0, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
  if (bytes == MAP_FAILED) return false;
  kept.bytes = (struct field){ bytes, (size_t)st.st_size };
  kept.device = st.st_dev;
  kept.number = st.st_ino;
  kept.written = st.st_mtim;
  kept.is_own = own_disk(fd);
  return true;
}

static enum users_result open_table(void)
{
  let_go();
  int fd = open(TABLE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return errno == ENOENT ? USERS_NOBODY : USERS_TROUBLE;
  bool mapped = map(fd);
  fd_close(fd);
  return mapped ? USERS_FOUND : USERS_TROUBLE;
}

static enum users_result find_table(void)
{
  struct stat st;
  if (stat(TABLE, &st) == -1) {
    let_go();
    return errno == ENOENT ? USERS_NOBODY : USERS_TROUBLE;
  }
  return is_kept(&st) ? USERS_FOUND : open_table();
}

static enum users_result find_here(finder *find, struct user *user, char const *box, size_t len)
{
  enum users_result r = find_table();
  return r == USERS_FOUND ? find_by(kept.bytes, find, user, box, len) : r;
}

enum users_result users_find(struct user *user, char const *box, size_t len)
{
  return find_here(find_data, user, box, len);
}

enum users_result users_find_prefix(struct user *user, char const *prefix, size_t len)
{
  return find_here(find_prefix, user, prefix, len);
}

void users_free(struct user *user)
{
  stralloc_free(&user->name);
  stralloc_free(&user->home);
  stralloc_free(&user->dash);
  stralloc_free(&user->ext);
}
