#include <errno.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "home_lines.h"
#include "user_host.h"

static int host_of(char host[MAIL_HOST_SIZE], stralloc const *text, struct field user)
{
  struct field line;
  size_t at = 0;
  if (!home_lines_next_of(&line, text, user, &at)) return 0;
  size_t const begin = user.len + 1;
  errno = EPROTO;
  return mail_host_read(host, line.s + begin, line.len - begin) ? 1 : -1;
}

int user_host_find(char host[MAIL_HOST_SIZE], int home, struct field user)
{
  stralloc text = STRALLOC_ZERO;
  host[0] = 0;
  int r = home_lines_read(&text, home, HOME_HOST);
  if (r == 1) r = host_of(host, &text, user);
  int e = errno;
  stralloc_free(&text);
  errno = e;
  return r;
}

/* ---- another one ---- */

static bool others_keep(stralloc *to, stralloc const *text, struct field user)
{
  struct field line;
  for (size_t at = 0; home_lines_next(&line, text, &at);)
    if (!home_lines_is_of(line, user) && !(bytes_addb(to, line.s, line.len) && bytes_addc(to, '\n'))) return false;
  return true;
}

static bool line_add(stralloc *to, struct field user, char const *host)
{
  return !*host || (bytes_addb(to, user.s, user.len) && bytes_addc(to, ':') && bytes_add(to, host) && bytes_addc(to, '\n'));
}

static bool set_locked(int home, struct field user, char const *host)
{
  stralloc old = STRALLOC_ZERO, new = STRALLOC_ZERO;
  bool done = home_lines_read(&old, home, HOME_HOST) != -1 && others_keep(&new, &old, user) && line_add(&new, user, host)
           && home_lines_write(home, HOME_HOST, &new);
  int e = errno;
  stralloc_free(&old);
  stralloc_free(&new);
  errno = e;
  return done;
}

/* For what is not there no lock is made. */
bool user_host_set(int home, struct field user, char const *host)
{
  char now[MAIL_HOST_SIZE];
  if (!*host && user_host_find(now, home, user) == 0) return true;
  int held = home_lines_lock(home, HOME_HOST);
  if (held == -1) return false;
  bool done = set_locked(home, user, host);
  int e = errno;
  fd_close(held);
  errno = e;
  return done;
}
