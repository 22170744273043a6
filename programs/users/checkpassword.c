/* checkpassword: let somebody in who knows the password of an account, and become that account.

   runs as   root, started by a program that talks to the network; turns into the user before it runs argv[1...]
   reads     login NUL password NUL timestamp NUL on fd 3, 512 bytes at most
   leaves    descriptors 0, 1 and 2 and the environment to argv[1...], with USER, HOME and SHELL set
   logs      why it refused, on fd 2
   exits     1 refused, 2 misused, 111 cannot tell now; otherwise as argv[1...] does
*/

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/exec.h>
#include <skalibs/strerr.h>

#include "become.h"
#include "credentials.h"
#include "log_text.h"
#include "passwd.h"
#include "temporary.h"
#include "text.h"

enum { REFUSED = 1, MISUSED = 2, TROUBLE = 111, DAY = 86400 };

static char input[CREDENTIALS_MAX + 1];
static struct credentials claim;

/* ---- endings ---- */

_Noreturn static void refuse(char const *reason)
{
  stralloc text = STRALLOC_ZERO;
  char const *ip = getenv("TCPREMOTEIP");
  if (!ip) ip = "unknown";
  text_add(&text, "checkpassword: ip ");
  if (!log_text(&text, ip, strlen(ip), 100)) die_nomem();
  text_add(&text, " user ");
  if (!log_text(&text, claim.login, claim.login_len, 255)) die_nomem();
  text_add(&text, ": ");
  text_add(&text, reason);
  text_add(&text, "\n");
  fd_write(2, text.s, text.len);
  _exit(REFUSED);
}

/* Anybody else sees no shadow passwords, and all of them would look wrong. */
static void need_root(void)
{
  if (geteuid() != 0) strerr_dief(TROUBLE, "only root can check passwords");
}

/* ---- what is claimed ---- */

static void claim_read(void)
{
  ssize_t len = credentials_read(input);
  if (len == -1) strerr_diefusys(TROUBLE, "read descriptor 3");
  if (len > CREDENTIALS_MAX) strerr_dief(REFUSED, "more than 512 bytes on descriptor 3");
  if (!credentials_unpack(&claim, input, (size_t)len)) strerr_dief(MISUSED, "no login and password on descriptor 3");
}

/* ---- what is known ---- */

/* Null: there is no such account. */
static struct passwd const *account_find(char const *login)
{
  struct passwd const *pw;
  if (passwd_find(&pw, login) == PASSWD_TROUBLE) strerr_diefusys(TROUBLE, "look up the user");
  return pw;
}

/* Null: the account is in passwd only. */
static struct spwd const *shadow_find(char const *name)
{
  struct spwd const *shadow;
  if (passwd_find_shadow(&shadow, name) == PASSWD_TROUBLE) strerr_diefusys(TROUBLE, "read the shadow passwords");
  return shadow;
}

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
static char const *stored_find(struct passwd const *pw, char const **reason)
{
  char const *stored = pw->pw_passwd;
  struct spwd const *shadow = strcmp(stored, "x") == 0 ? shadow_find(pw->pw_name) : 0;
  if (shadow) stored = shadow->sp_pwdp;
  if (no_hash(stored)) *reason = "account without password";
  else if (shadow && expired(shadow)) *reason = "account expired";
  else return stored;
  return 0;
}

/* ---- comparing ---- */

/* Takes the same time wherever the two differ. */
static bool same_text(char const *a, char const *b)
{
  unsigned char difference = 0;
  size_t len = strlen(a);
  if (strlen(b) != len) return false;
  for (size_t i = 0; i < len; i++) difference |= (unsigned char)(a[i] ^ b[i]);
  return !difference;
}

/* Without a stored string crypt works as long for nothing, so that the time does not tell who has an account. */
static bool password_opens(char const *password, char const *stored)
{
  static struct crypt_data work;
  char const *setting = stored ? stored : crypt_gensalt(0, 0, 0, 0);
  if (!setting) strerr_diefusys(TROUBLE, "make a salt");
  char const *made = crypt_r(password, setting, &work);
  bool failed = !made || made[0] == '*';
  /* errno does not tell: yescrypt without its 16 MB says EINVAL. */
  if (failed && crypt_checksalt(setting) != CRYPT_SALT_INVALID)
    strerr_diefu(TROUBLE, "crypt the password, which needs 16 MB of memory");
  bool same = !failed && stored && same_text(made, stored);
  explicit_bzero(&work, sizeof work);
  return same;
}

static struct passwd const *account_proven(void)
{
  char const *reason = "no such user";
  struct passwd const *pw = account_find(claim.login);
  char const *stored = pw ? stored_find(pw, &reason) : 0;
  bool proven = password_opens(claim.password, stored);
  explicit_bzero((char *)claim.password, claim.password_len);
  if (!stored) refuse(reason);
  if (!proven) refuse("wrong password");
  if (pw->pw_uid == 0) refuse("root may not log in");
  return pw;
}

/* ---- turning into the user ---- */

static void become_user(struct passwd const *pw)
{
  if (!become(pw->pw_uid, pw->pw_gid)) strerr_diefusys(temporary(errno) ? TROUBLE : REFUSED, "become ", pw->pw_name);
  if (chdir(pw->pw_dir) == -1) strerr_diefusys(TROUBLE, "chdir to ", pw->pw_dir);
}

static void environment_set(struct passwd const *pw)
{
  if (setenv("USER", pw->pw_name, 1)) die_nomem();
  if (setenv("HOME", pw->pw_dir, 1)) die_nomem();
  if (setenv("SHELL", pw->pw_shell, 1)) die_nomem();
}

int main(int argc, char const *const *argv)
{
  PROG = "checkpassword";
  if (argc < 2) strerr_dieusage(MISUSED, "checkpassword program [ argument ... ]");
  need_root();
  claim_read();
  struct passwd const *pw = account_proven();
  become_user(pw);
  environment_set(pw);
  exec(argv + 1);
  strerr_diefusys(TROUBLE, "run ", argv[1]);
}
