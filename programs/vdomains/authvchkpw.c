/* authvchkpw: a module of Courier's login programs: let a user of a virtual domain in who knows his password.

   runs as   root, started by a login program; turns into the domain's owner before it runs argv[1...]
   reads     lines on fd 3, service, "login", user and password, 512 bytes at most; asks qmail-usersd
   changes   a home that is missing is made
   leaves    descriptors 0, 1 and 2 and the environment to argv[1...], with AUTHENTICATED, AUTHADDR, USER, HOME, SHELL and VPOPUSER set
   exits     1 not let in, 100 misused, 111 cannot tell now; otherwise as argv[1...] does
*/

#include <stdlib.h>
#include <string.h>

#include <skalibs/exec.h>
#include <skalibs/strerr.h>

#include "credentials.h"
#include "die.h"
#include "let_in.h"
#include "module_claim.h"

enum { NO = 1, MISUSED = 100, TROUBLE = 111 };

static char input[CREDENTIALS_MAX + 1];
static struct module_claim claim;

static void claim_read(void)
{
  ssize_t len = credentials_read(input, sizeof input);
  if (len == -1) strerr_diefusys(TROUBLE, "read descriptor 3");
  if (len > CREDENTIALS_MAX || !module_claim_parse(&claim, input, (size_t)len)) strerr_dief(NO, "no login on descriptor 3");
  if (!field_is(claim.type, "login")) strerr_dief(NO, "only logins with a password are known here");
  if (!claim.user.len || !claim.password.len) strerr_dief(NO, "null user or password given");
}

/* Names of their services begin as ours do, as imap-ssl. */
static enum users_access access_of(struct field service)
{
  for (size_t i = 0; i < USERS_ACCESSES; i++) {
    size_t n = strlen(users_accesses[i]);
    if (service.len >= n && memcmp(service.s, users_accesses[i], n) == 0) return (enum users_access)i;
  }
  return USERS_IMAP;
}

int main(int argc, char const *const *argv)
{
  PROG = "authvchkpw";
  if (argc < 2) strerr_dieusage(MISUSED, "authvchkpw program [ argument ... ]");
  claim_read();
  struct let_in const as = { access_of(claim.service), NO, NO, TROUBLE };
  struct credentials const who = {
    .login = claim.user.s, .login_len = claim.user.len, .password = claim.password.s, .password_len = claim.password.len, .stamp = ""
  };
  enter_home();
  let_in_ask(&as, &who);
  explicit_bzero(input, sizeof input);
  char const *address = let_in_become(&as, as.access != USERS_SMTP);
  if (setenv("AUTHENTICATED", address, 1) || setenv("AUTHADDR", address, 1)) die_nomem();
  exec(argv + 1);
  strerr_diefusys(TROUBLE, "run ", argv[1]);
}
