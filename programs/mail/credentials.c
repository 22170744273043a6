#include <string.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "credentials.h"

static char *add(char *to, char const *s, size_t len)
{
  memcpy(to, s, len);
  to[len] = 0;
  return to + len + 1;
}

size_t credentials_pack(char *to, struct credentials const *c, char const *stamp)
{
  size_t stamp_len = strlen(stamp);
  char *end = to;
  if (c->login_len > CREDENTIALS_MAX || c->password_len > CREDENTIALS_MAX || stamp_len > CREDENTIALS_MAX) return 0;
  if (c->login_len + c->password_len + stamp_len + 3 > CREDENTIALS_MAX) return 0;
  if (memchr(c->login, 0, c->login_len) || memchr(c->password, 0, c->password_len)) return 0;
  end = add(end, c->login, c->login_len);
  end = add(end, c->password, c->password_len);
  end = add(end, stamp, stamp_len);
  return (size_t)(end - to);
}

ssize_t credentials_read(char to[CREDENTIALS_MAX + 1])
{
  size_t len = 0;
  ssize_t r;
  while ((r = fd_read(3, to + len, CREDENTIALS_MAX + 1 - len)) > 0) len += (size_t)r;
  if (r == -1) return -1;
  fd_close(3);
  return (ssize_t)len;
}

/* The field that begins at *at; *at moves behind its NUL. */
static bool field(char const **text, size_t *text_len, char const **at, char const *end)
{
  char const *nul = *at < end ? memchr(*at, 0, (size_t)(end - *at)) : 0;
  if (!nul) return false;
  *text = *at;
  *text_len = (size_t)(nul - *at);
  *at = nul + 1;
  return true;
}

bool credentials_unpack(struct credentials *c, char const *s, size_t len)
{
  char const *at = s;
  if (!field(&c->login, &c->login_len, &at, s + len) || !field(&c->password, &c->password_len, &at, s + len)) return false;
  if (!field(&c->stamp, &c->stamp_len, &at, s + len)) {
    c->stamp = "";
    c->stamp_len = 0;
  }
  return true;
}
