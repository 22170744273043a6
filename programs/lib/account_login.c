#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "account_login.h"
#include "frozen.h"
#include "hash.h"
#include "passwd.h"

enum { DAY = 86400 };

static bool expired(struct spwd const *shadow)
{
  return shadow->sp_expire > 0 && time(0) / DAY >= shadow->sp_expire;
}

/* Nothing, a star, a lock, or a reference to a shadow entry that is not there. */
static bool no_hash(char const *s)
{
  return !s[0] || s[0] == '*' || s[0] == '!' || strcmp(s, "x") == 0;
}

/* The string crypt made of the account's password. Null, and the reason, when no password opens it. */
static char const *stored_of(struct passwd const *pw, struct spwd const *shadow, char const **reason)
{
  char const *stored = shadow ? shadow->sp_pwdp : pw->pw_passwd;
  if (no_hash(stored)) *reason = "account without password";
  else if (shadow && expired(shadow)) *reason = "account expired";
  else return stored;
  return 0;
}

static enum account_said verify(char const **reason, char const *stored, char const *password, size_t len)
{
  switch (hash_verify(stored, stored ? strlen(stored) : 0, password, len)) {
    case HASH_RIGHT: return ACCOUNT_LET_IN;
    case HASH_TROUBLE:
      *reason = "crypt the password, which needs 16 MB of memory";
      errno = 0;
      return ACCOUNT_TROUBLE;
    default:
      if (stored) *reason = "wrong password";
      return ACCOUNT_REFUSED;
  }
}

static enum account_said trouble(char const **reason, char const *what)
{
  *reason = what;
  return ACCOUNT_TROUBLE;
}

/* Only who has the password is told that it does not help him. */
static enum account_said may_log_in(struct passwd const *pw, char const **reason)
{
  int r = frozen(field_of(pw->pw_name));
  if (r == -1) return trouble(reason, "tell whether the account is frozen");
  if (!r && pw->pw_uid != 0) return ACCOUNT_LET_IN;
  *reason = r ? "account is frozen" : "root may not log in";
  return ACCOUNT_REFUSED;
}

enum account_said account_login(struct passwd const **entry, char const **reason, char const *login, char const *password,
                                size_t password_len)
{
  struct spwd const *shadow = 0;
  char const *stored = 0;
  *reason = "no such user";
  if (passwd_find(entry, login) == PASSWD_TROUBLE) return trouble(reason, "look up the user");
  if (*entry && strcmp((*entry)->pw_passwd, "x") == 0 && passwd_find_shadow(&shadow, (*entry)->pw_name) == PASSWD_TROUBLE)
    return trouble(reason, "read the shadow passwords");
  if (*entry) stored = stored_of(*entry, shadow, reason);
  enum account_said said = verify(reason, stored, password, password_len);
  return said == ACCOUNT_LET_IN ? may_log_in(*entry, reason) : said;
}
