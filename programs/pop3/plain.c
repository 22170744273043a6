#include <string.h>

#include "base64.h"
#include "plain.h"

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
    .login = login, .password = password,
    .login_len = (size_t)(password - 1 - login), .password_len = (size_t)(s + decoded - password)
  };
  if (!c->login_len || !c->password_len) return false;
  return !other_len || (other_len == c->login_len && !memcmp(s, login, other_len));
}
