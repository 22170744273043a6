/* vchkpw: let a user of a virtual domain in who knows his password, and become the owner of his mail.

   runs as   root, started by a program that talks to the network; turns into the domain's owner before it runs argv[1...]
   reads     login NUL password NUL challenge NUL on fd 3, 512 bytes at most, or 3000 with a proof; HOME/users/cdb; asks qmail-usersd
   changes   a home that is missing is made
   leaves    descriptors 0, 1 and 2 and the environment to argv[1...], with USER, HOME, SHELL and VPOPUSER set
   exits     1 denied, 3 wrong, 2, 11 to 15 misused, 111 cannot tell now; otherwise as argv[1...] does
*/

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/exec.h>
#include <skalibs/strerr.h>

#include "credentials.h"
#include "die.h"
#include "let_in.h"

/* The numbers are vpopmail's, but for trouble: there it looked like a wrong password. */
enum {
  DENIED = 1, MISUSED = 2, WRONG = 3, UNREADABLE = 11, NO_NAME = 12, NO_PASSWORD = 13, NO_PASSWORD_FIELD = 15, TROUBLE = 111
};

static char input[CREDENTIALS_PROOF_MAX + 1];
static struct credentials claim;

/* ---- what is claimed ---- */

static void claim_read(void)
{
  ssize_t len = credentials_read(input, sizeof input);
  if (len == -1) strerr_diefusys(errno == EBADF ? UNREADABLE : TROUBLE, "read descriptor 3");
  if (!credentials_fit(input, (size_t)len)) strerr_dief(WRONG, "more than 512 bytes on descriptor 3");
  if (!credentials_unpack(&claim, input, (size_t)len)) strerr_dief(NO_PASSWORD_FIELD, "no login and password on descriptor 3");
  if (!claim.login_len) strerr_dief(NO_NAME, "null user name given");
  if (!claim.password_len) strerr_dief(NO_PASSWORD, "null password given");
}

static struct field variable(char const *name)
{
  char const *s = getenv(name);
  return (struct field){ s, s ? strlen(s) : 0 };
}

/* ---- for which service ---- */

static struct { char const *port; enum users_access access; } const ports[] = {
  { "25", USERS_SMTP }, { "465", USERS_SMTP }, { "587", USERS_SMTP }, { "143", USERS_IMAP }, { "993", USERS_IMAP },
  { "110", USERS_POP3 }, { "995", USERS_POP3 }
};

/* By the port of ours, and at another one by what is to be run: for SMTP that is usually /bin/true. */
static enum users_access service_of(char const *program)
{
  struct field port = variable("TCPLOCALPORT");
  for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
    if (field_is(port, ports[i].port)) return ports[i].access;
  return strstr(program, "true") ? USERS_SMTP : strstr(program, "imap") ? USERS_IMAP : USERS_POP3;
}

/* A web page reads mail from this very host. */
static enum users_access access_of(char const *program)
{
  struct field client = variable("TCPREMOTEIP");
  enum users_access access = service_of(program);
  bool is_here = field_is(client, "127.0.0.1") || field_is(client, "::1") || field_is(client, "::ffff:127.0.0.1");
  return is_here && access != USERS_SMTP ? USERS_WEBMAIL : access;
}

int main(int argc, char const *const *argv)
{
  PROG = "vchkpw";
  if (argc < 2) strerr_dieusage(MISUSED, "vchkpw program [ argument ... ]");
  claim_read();
  struct let_in const as = { access_of(argv[1]), DENIED, WRONG, TROUBLE };
  enter_home();
  let_in_ask(&as, &claim);
  explicit_bzero(input, sizeof input);
  let_in_become(&as, as.access != USERS_SMTP);
  exec(argv + 1);
  strerr_diefusys(TROUBLE, "run ", argv[1]);
}
