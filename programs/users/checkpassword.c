/* checkpassword: let somebody in who knows the password of an account, and become that account.

   runs as   root, started by a program that talks to the network; turns into the user before it runs argv[1...]
   reads     login NUL password NUL timestamp NUL on fd 3, 512 bytes at most
   leaves    descriptors 0, 1 and 2 and the environment to argv[1...], with USER, HOME and SHELL set
   logs      why it refused, on fd 2
   exits     1 refused, 2 misused, 111 cannot tell now; otherwise as argv[1...] does
*/

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/exec.h>
#include <skalibs/strerr.h>

#include "account_login.h"
#include "become.h"
#include "credentials.h"
#include "log_text.h"
#include "temporary.h"
#include "text.h"

enum { REFUSED = 1, MISUSED = 2, TROUBLE = 111 };

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
  ssize_t len = credentials_read(input, sizeof input);
  if (len == -1) strerr_diefusys(TROUBLE, "read descriptor 3");
  if (len > CREDENTIALS_MAX) strerr_dief(REFUSED, "more than 512 bytes on descriptor 3");
  if (!credentials_unpack(&claim, input, (size_t)len)) strerr_dief(MISUSED, "no login and password on descriptor 3");
}

/* ---- what is known ---- */

static struct passwd const *account_proven(void)
{
  char const *reason;
  struct passwd const *pw;
  enum account_said said = account_login(&pw, &reason, claim.login, claim.password, claim.password_len);
  explicit_bzero((char *)claim.password, claim.password_len);
  if (said == ACCOUNT_REFUSED) refuse(reason);
  if (said == ACCOUNT_TROUBLE && errno) strerr_diefusys(TROUBLE, reason);
  if (said == ACCOUNT_TROUBLE) strerr_diefu(TROUBLE, reason);
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
