#include <string.h>

#include "plain.h"

static int digit(char c)
{
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters for three bytes, the last four with one or two '=' for two or one. False if s is anything else.
   What is left of the text behind the bytes is wiped. */
static bool base64_decode(char *s, size_t len, size_t *decoded)
{
  size_t padding = 0;
  unsigned bits = 0;
  *decoded = 0;
  if (len % 4) return false;
  while (padding < 2 && padding < len && s[len - 1 - padding] == '=') padding++;
  for (size_t i = 0; i < len - padding; i++) {
    int d = digit(s[i]);
    if (d == -1) return false;
    bits = bits << 6 | (unsigned)d;
    if (i % 4) s[(*decoded)++] = (char)(bits >> (6 - 2 * (i % 4)));
  }
  explicit_bzero(s + *decoded, len - *decoded);
  return true;
}

bool plain_decode(struct credentials *c, char *s, size_t len)
{
  size_t decoded;
  if (!base64_decode(s, len, &decoded) || !decoded) return false;
  char const *login = memchr(s, 0, decoded);
  if (!login) return false;
  login++;
  char const *password = memchr(login, 0, (size_t)(s + decoded - login));
  if (!password) return false;
  password++;
  size_t other_len = (size_t)(login - 1 - s);
  *c = (struct credentials){
    login, password, (size_t)(password - 1 - login), (size_t)(s + decoded - password)
  };
  if (!c->login_len || !c->password_len) return false;
  return !other_len || (other_len == c->login_len && !memcmp(s, login, other_len));
}
