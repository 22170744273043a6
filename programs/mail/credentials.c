#include <string.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "credentials.h"
#include "scram.h"

static char *add(char *to, char const *s, size_t len)
{
  memcpy(to, s, len);
  to[len] = 0;
  return to + len + 1;
}

static size_t pack(char *to, size_t max, struct credentials const *c, char const *stamp, size_t stamp_len)
{
  char *end = to;
  if (c->login_len > max || c->password_len > max || stamp_len > max) return 0;
  if (c->login_len + c->password_len + stamp_len + 3 > max) return 0;
  if (memchr(c->login, 0, c->login_len) || memchr(c->password, 0, c->password_len) || memchr(stamp, 0, stamp_len)) return 0;
  end = add(end, c->login, c->login_len);
  end = add(end, c->password, c->password_len);
  end = add(end, stamp, stamp_len);
  return (size_t)(end - to);
}

size_t credentials_pack(char *to, struct credentials const *c, char const *stamp)
{
  return pack(to, CREDENTIALS_MAX, c, stamp, strlen(stamp));
}

size_t credentials_pack_proof(char *to, struct credentials const *c)
{
  return pack(to, CREDENTIALS_PROOF_MAX, c, c->stamp, c->stamp_len);
}

ssize_t credentials_read(char *to, size_t size)
{
  size_t len = 0;
  ssize_t r;
  while ((r = fd_read(3, to + len, size - len)) > 0) len += (size_t)r;
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

bool credentials_fit(char const *s, size_t len)
{
  struct credentials c;
  if (len <= CREDENTIALS_MAX) return true;
  return len <= CREDENTIALS_PROOF_MAX && credentials_unpack(&c, s, len) && scram_is_exchange((struct field){ c.stamp, c.stamp_len });
}
