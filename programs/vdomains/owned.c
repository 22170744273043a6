#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "cdb_records.h"
#include "owned.h"
#include "place.h"

/* ---- the table ---- */

static bool read_all(stralloc *table, int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return false;
  if (st.st_size > OWNED_TABLE_MAX) return errno = EFBIG, false;
  if (!bytes_ready(table, (size_t)st.st_size)) return false;
  table->len = allread(fd, table->s, (size_t)st.st_size);
  return table->len == (size_t)st.st_size;
}

bool owned_read(stralloc *table)
{
  table->len = 0;
  int fd = open("users/cdb", O_RDONLY | O_CLOEXEC);
  if (fd == -1) return errno == ENOENT;
  bool done = read_all(table, fd);
  int e = errno;
  fd_close(fd);
  errno = e;
  return done;
}

/* ---- its lines ---- */

/* The line +example.net- gives whatever follows to the domain, whose name is its user: no account has a dot in its own. */
static bool is_of_domain(struct field key)
{
  return key.len > 2 && key.s[0] == '!' && key.s[key.len - 1] == '-' && memchr(key.s, '.', key.len);
}

static bool is_domains_user(struct user const *user)
{
  return user->dash.len == 1 && user->dash.s[0] == '-' && memchr(user->name.s, '.', user->name.len);
}

bool owned_is_answered_for(struct user const *user)
{
  return user->uid && is_domains_user(user);
}

int owned_next(struct user *user, stralloc const *table, size_t *at)
{
  struct field key, value;
  enum cdb_records_result r;
  if (!table->len) return 0;
  while ((r = cdb_records_next(&key, &value, table->s, table->len, at)) == CDB_RECORDS_ONE) {
    if (!is_of_domain(key)) continue;
    int parsed = users_parse(user, value.s, value.len);
    if (parsed == -1) return errno = ENOMEM, -1;
    if (parsed && owned_is_answered_for(user)) return 1;
  }
  errno = EPROTO;
  return r == CDB_RECORDS_END ? 0 : -1;
}

/* ---- where they lie ---- */

static bool place_is_known(stralloc const *places, char const *s, size_t len, size_t *count)
{
  *count = 0;
  for (size_t at = 0; at < places->len; at += strlen(places->s + at) + 1, ++*count)
    if (strlen(places->s + at) == len && !memcmp(places->s + at, s, len)) return true;
  return false;
}

static bool place_add(stralloc *places, stralloc const *dir)
{
  size_t const domains = place_domains(dir->s), len = domains ? domains : dir->len;
  size_t count;
  if (place_is_known(places, dir->s, len, &count)) return true;
  if (count == OWNED_PLACES_MAX) return bytes_setb(places, "/", sizeof "/");
  return bytes_addb(places, dir->s, len) && bytes_addb(places, "", 1);
}

static bool is_everywhere(stralloc const *places)
{
  return places->len && places->s[0] == '/' && !places->s[1];
}

bool owned_places(stralloc *places, uid_t uid, char const *home)
{
  stralloc table = STRALLOC_ZERO;
  struct user user = USER_ZERO;
  size_t at = 0;
  places->len = 0;
  int r = owned_read(&table) ? 1 : -1;
  while (r == 1 && (r = owned_next(&user, &table, &at)) == 1 && !is_everywhere(places))
    if (user.uid == uid && !place_is_below(user.home.s, home) && !place_add(places, &user.home)) r = -1;
  int e = errno;
  stralloc_free(&table);
  users_free(&user);
  errno = e;
  return r != -1;
}
