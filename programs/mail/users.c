#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "users.h"

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

/* ---- users/cdb ---- */

/* Only cdb_seek and cdb_bread of libcdb are used: its other names mean something else in skalibs. */
static enum users_result find_record(int fd, char const *key, size_t len, stralloc *data)
{
  unsigned data_len;
  errno = 0;
  int r = cdb_seek(fd, key, (unsigned)len, &data_len);
  if (r == 0) return USERS_NOBODY;
  if (r < 0 || data_len > RECORD_MAX) return USERS_TROUBLE;
  if (!bytes_ready(data, data_len + 1)) return USERS_NOMEM;
  if (cdb_bread(fd, data->s, (int)data_len) != 0) return USERS_TROUBLE;
  data->len = data_len;
  return USERS_FOUND;
}

/* The last characters of all wildcard patterns. The compiler of the table puts them down in the case they were
   written in, but addresses are compared in lower case, so they are folded here. */
static enum users_result find_wildcards(int fd, stralloc *wildcards)
{
  enum users_result r = find_record(fd, "", 0, wildcards);
  if (r == USERS_FOUND) case_lowerb(wildcards->s, wildcards->len);
  return r == USERS_NOBODY ? USERS_TROUBLE : r;
}

static bool may_end_pattern(stralloc const *wildcards, char last)
{
  return byte_chr(wildcards->s, wildcards->len, last) < wildcards->len;
}

/* key is '!', the box in lower case, NUL. First the exact key with its NUL, then ever shorter beginnings without;
   what the pattern leaves over is appended to its ext as it was written. */
static enum users_result find_data(int fd, char const *key, char const *box, size_t len, stralloc *data)
{
  stralloc wildcards = STRALLOC_ZERO;
  enum users_result r = find_wildcards(fd, &wildcards);
  if (r == USERS_FOUND) r = find_record(fd, key, len + 2, data);
  for (size_t n = len + 1; r == USERS_NOBODY && n >= 1; n--) {
    if (n > 1 && !may_end_pattern(&wildcards, key[n - 1])) continue;
    r = find_record(fd, key, n, data);
    if (r == USERS_FOUND && !bytes_addb(data, box + n - 1, len - (n - 1))) r = USERS_NOMEM;
  }
  stralloc_free(&wildcards);
  return r;
}

/* The record of the pattern that this beginning is. */
static enum users_result find_prefix(int fd, char const *key, char const *prefix, size_t len, stralloc *data)
{
  (void)prefix;
  return find_record(fd, key, len + 1, data);
}

typedef enum users_result finder(int fd, char const *key, char const *box, size_t len, stralloc *data);

static enum users_result find_in(int fd, finder *find, struct user *user, char const *box, size_t len, stralloc *key)
{
  stralloc data = STRALLOC_ZERO;
  if (!bytes_set(key, "!") || !bytes_addb(key, box, len) || !bytes_end(key)) return USERS_NOMEM;
  case_lowerb(key->s, key->len);
  enum users_result r = find(fd, key->s, box, len, &data);
  if (r == USERS_FOUND) {
    int parsed = users_parse(user, data.s, data.len);
    errno = EPROTO;
    r = parsed > 0 ? USERS_FOUND : parsed < 0 ? USERS_NOMEM : USERS_TROUBLE;
  }
  stralloc_free(&data);
  return r;
}

static enum users_result find_by(int home, finder *find, struct user *user, char const *box, size_t len)
{
  stralloc key = STRALLOC_ZERO;
  int fd = openat(home, "users/cdb", O_RDONLY | O_CLOEXEC);
  if (fd == -1) return errno == ENOENT ? USERS_NOBODY : USERS_TROUBLE;
  enum users_result r = find_in(fd, find, user, box, len, &key);
  stralloc_free(&key);
  fd_close(fd);
  return r;
}

enum users_result users_find(struct user *user, char const *box, size_t len)
{
  return find_by(AT_FDCWD, find_data, user, box, len);
}

enum users_result users_find_at(int home, struct user *user, char const *box, size_t len)
{
  return find_by(home, find_data, user, box, len);
}

enum users_result users_find_prefix(struct user *user, char const *prefix, size_t len)
{
  return find_by(AT_FDCWD, find_prefix, user, prefix, len);
}
