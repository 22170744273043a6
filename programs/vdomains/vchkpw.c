/* vchkpw: let a user of a virtual domain in who knows his password, and become the owner of his mail.

   runs as   root, started by a program that talks to the network; turns into the domain's owner before it runs argv[1...]
   reads     login NUL password NUL challenge NUL on fd 3, 512 bytes at most; HOME/users/cdb; asks qmail-usersd
   changes   a home that is missing is made
   leaves    descriptors 0, 1 and 2 and the environment to argv[1...], with USER, HOME, SHELL and VPOPUSER set
   exits     1 denied, 3 wrong, 2, 11 to 15 misused, 111 cannot tell now; otherwise as argv[1...] does
*/

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/exec.h>
#include <skalibs/strerr.h>

#include "become.h"
#include "credentials.h"
#include "text.h"
#include "tree.h"
#include "user_home.h"
#include "users.h"
#include "users_ask.h"
#include "vname.h"

/* The numbers are vpopmail's, but for trouble: there it looked like a wrong password. */
enum {
  DENIED = 1, MISUSED = 2, WRONG = 3, UNREADABLE = 11, NO_NAME = 12, NO_PASSWORD = 13, NO_PASSWORD_FIELD = 15, TROUBLE = 111
};

enum { PATIENCE_MS = 20000 };           /* less than a client has in qmail-popup */

static char input[CREDENTIALS_MAX + 1];
static struct credentials claim;
static struct users_heard heard;
static stralloc domain = STRALLOC_ZERO;   /* of the login, or where it has none the one that is answered */

/* ---- what is claimed ---- */

static void claim_read(void)
{
  ssize_t len = credentials_read(input);
  if (len == -1) strerr_diefusys(errno == EBADF ? UNREADABLE : TROUBLE, "read descriptor 3");
  if (len > CREDENTIALS_MAX) strerr_dief(WRONG, "more than 512 bytes on descriptor 3");
  if (!credentials_unpack(&claim, input, (size_t)len)) strerr_dief(NO_PASSWORD_FIELD, "no login and password on descriptor 3");
  if (!claim.login_len) strerr_dief(NO_NAME, "null user name given");
  if (!claim.password_len) strerr_dief(NO_PASSWORD, "null password given");
  stralloc user = STRALLOC_ZERO;
  if (!vname_split(&user, &domain, claim.login, claim.login_len)) die_nomem();
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

/* ---- the answer ---- */

/* Returns for who is let in. Why somebody is not stands in the log of qmail-users. */
static void ask(enum users_access access)
{
  struct users_question const q = {
    USERS_PASSWORD, access, { claim.login, claim.login_len }, { claim.password, claim.password_len },
    { claim.stamp, claim.stamp_len }, variable("TCPREMOTEIP"), variable("TCPLOCALIP")
  };
  enum users_said said = users_ask(&heard, &q, PATIENCE_MS);
  explicit_bzero(input, sizeof input);
  switch (said) {
    case SAID_LET_IN: return;
    case SAID_DENIED: _exit(DENIED);
    case SAID_WRONG: _exit(WRONG);
    case SAID_NOT_YOURS: strerr_dief(TROUBLE, "qmail-users tells only root whether a password is right");
    default: strerr_dief(TROUBLE, "qmail-users cannot tell now: see its log");
  }
}

static char const *text_of(struct field f)
{
  stralloc text = STRALLOC_ZERO;
  text_addb(&text, f.s, f.len);
  return text_z(&text);
}

/* ---- turning into the owner ---- */

/* The service says whose mail it is, root's own table who that may be: else whoever gets hold of the service would be
   everybody. */
static void check_owner(void)
{
  struct user owner = USER_ZERO;
  if (!domain.len) text_setb(&domain, heard.answer.domain.s, heard.answer.domain.len);
  text_addc(&domain, '-');
  enum users_result r = users_find_prefix(&owner, domain.s, domain.len);
  if (r == USERS_FOUND && owner.uid == heard.answer.uid && owner.gid == heard.answer.gid) return;
  if (r == USERS_TROUBLE) strerr_diefusys(TROUBLE, "read ", "users/cdb");
  strerr_dief(TROUBLE, "qmail-users names an owner whom users/cdb does not");
}

static void make_home(char const *home)
{
  char const *name;
  int parent = tree_open_parent(home, &name);
  if (parent == -1) strerr_diefusys(TROUBLE, "open the directory of ", home);
  if (user_home_make(parent, name) != VCODE_OK) strerr_diefusys(TROUBLE, "make ", home);
  fd_close(parent);
}

static void become_owner(char const *home)
{
  if (!become(heard.answer.uid, heard.answer.gid)) strerr_diefusys(TROUBLE, "become the owner of ", home);
  if (chdir(home) == 0) return;
  if (errno == ENOENT) make_home(home);
  if (chdir(home) == -1) strerr_diefusys(TROUBLE, "chdir to ", home);
}

static void environment_set(char const *home)
{
  char const *user = text_of(heard.answer.user);
  stralloc full = STRALLOC_ZERO;
  text_set(&full, user);
  text_addc(&full, '@');
  text_addb(&full, heard.answer.domain.s, heard.answer.domain.len);
  if (setenv("USER", user, 1) || setenv("HOME", home, 1)) die_nomem();
  if (setenv("SHELL", "NOLOGIN", 1) || setenv("VPOPUSER", text_z(&full), 1)) die_nomem();
}

int main(int argc, char const *const *argv)
{
  PROG = "vchkpw";
  if (argc < 2) strerr_dieusage(MISUSED, "vchkpw program [ argument ... ]");
  claim_read();
  enum users_access access = access_of(argv[1]);
  enter_home();
  ask(access);
  check_owner();
  char const *home = text_of(heard.answer.home);
  if (access != USERS_SMTP) become_owner(home);
  environment_set(home);
  exec(argv + 1);
  strerr_diefusys(TROUBLE, "run ", argv[1]);
}
