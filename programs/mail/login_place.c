#include <string.h>

#include "bytes.h"
#include "login_place.h"
#include "users.h"
#include "vname.h"

/* The line of a virtual domain names a domain as its user; in that of an account's addresses that is an account. */
enum login_place login_place(char const *login, size_t len)
{
  static stralloc user = STRALLOC_ZERO, prefix = STRALLOC_ZERO;
  static struct user found = USER_ZERO;
  if (!vname_split(&user, &prefix, login, len)) return LOGIN_UNKNOWN;
  if (!prefix.len) return LOGIN_OTHER;
  if (!bytes_addc(&prefix, '-')) return LOGIN_UNKNOWN;
  switch (users_find_prefix(&found, prefix.s, prefix.len)) {
    case USERS_FOUND: return memchr(found.name.s, '.', found.name.len) ? LOGIN_VIRTUAL : LOGIN_OTHER;
    case USERS_NOBODY: return LOGIN_OTHER;
    default: return LOGIN_UNKNOWN;
  }
}
