/* checklogin: hand a login to the password checker that knows it: vchkpw for a name in a virtual domain, another one for
   all others.

   runs as   whom its caller runs as, which is root where the checker has to become somebody
   reads     login NUL password NUL challenge NUL on fd 3, 512 bytes at most, or 3000 with a proof; HOME/users/cdb, HOME/control/checkpassword
   becomes   vchkpw argv[1...] or checkpassword argv[1...], with the same on fd 3
   exits     2 misused, 111 cannot tell now; otherwise as the checker does
*/

#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/exec.h>
#include <skalibs/strerr.h>

#include "control.h"
#include "credentials.h"
#include "frozen.h"
#include "login_place.h"
#include "text.h"

enum { REFUSED = 1, MISUSED = 2, TROUBLE = 111 };

static stralloc others = STRALLOC_ZERO;

static struct control const controls[] = {
  /* file              kind           goes to   when absent */
  { "checkpassword",   CONTROL_LINE,  &others,  "checkpassword" },
  { 0 }
};

static char input[CREDENTIALS_PROOF_MAX + 1];

static size_t input_read(struct credentials *claim)
{
  ssize_t len = credentials_read(input, sizeof input);
  if (len == -1) strerr_diefusys(TROUBLE, "read descriptor 3");
  if (!credentials_fit(input, (size_t)len)) strerr_dief(REFUSED, "more than 512 bytes on descriptor 3");
  if (!credentials_unpack(claim, input, (size_t)len)) strerr_dief(MISUSED, "no login and password on descriptor 3");
  return (size_t)len;
}

static char const *checker_of(struct credentials const *claim)
{
  switch (login_place(claim->login, claim->login_len)) {
    case LOGIN_VIRTUAL: return "vchkpw";
    case LOGIN_OTHER: return text_z(&others);
    default: strerr_diefusys(TROUBLE, "read ", "users/cdb");
  }
}

/* Our own checkers see to that themselves, by the account's real name, when the password is right; a site's own knows nothing of
   it. */
static void refuse_frozen(char const *checker, struct credentials const *claim)
{
  if (!strcmp(checker, "checkpassword") || !strcmp(checker, "vchkpw")) return;
  int r = frozen((struct field){ claim->login, claim->login_len });
  if (r == -1) strerr_diefusys(TROUBLE, "tell whether the account is frozen");
  if (r) strerr_dief(REFUSED, "account is frozen");
}

/* A pipe takes 4096 bytes at least, so it can be filled before anybody reads it. */
static void hand_over(size_t len)
{
  int ends[2];
  if (pipe(ends) == -1 || fd_write(ends[1], input, len) != (ssize_t)len) strerr_diefusys(TROUBLE, "make a pipe");
  explicit_bzero(input, sizeof input);
  fd_close(ends[1]);
  if (fd_move(3, ends[0]) == -1) strerr_diefusys(TROUBLE, "move a pipe");
}

int main(int argc, char const **argv)
{
  PROG = "checklogin";
  struct credentials claim;
  if (argc < 2) strerr_dieusage(MISUSED, "checklogin program [ argument ... ]");
  size_t len = input_read(&claim);
  enter_home();
  control_load_or_die(controls);
  char const *checker = checker_of(&claim);
  refuse_frozen(checker, &claim);
  hand_over(len);
  argv[0] = checker;
  exec(argv);
  strerr_diefusys(TROUBLE, "run ", checker);
}
