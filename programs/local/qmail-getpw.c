/* qmail-getpw: find the account that a local address belongs to.

   runs as   qmailp, group nofiles, started by qmail-lspawn
   reads     argv[1], control/breakchars, the account database, the owners of home directories
   writes    on fd 1: user, uid, gid, home, dash and ext, each followed by a NUL
   exits     0; 100 usage; 111, 115, 116, 118 when the machine fails us (local_exit.h)
*/

#include <string.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "die.h"
#include "getpw.h"
#include "local_exit.h"
#include "mark.h"
#include "text.h"

#define USAGE "qmail-getpw local"

MARK("qmail-getpw");

/* ---- trouble ---- */

static struct trouble { int code; char const *doing; } const troubles[] = {
  [GETPW_HOMES_AWAY] = { LOCAL_EXIT_HOMES_AWAY, "stat " },
  [GETPW_DATABASE] = { LOCAL_EXIT_SYSTEM, "look up account " }
};

static void find(struct getpw *found, char const *address)
{
  enum getpw_result r = getpw_find(found, address, strlen(address));
  if (r == GETPW_FOUND) return;
  if (r == GETPW_NOMEM) die_nomem();
  if (r == GETPW_NO_ALIAS) strerr_dief(LOCAL_EXIT_NO_ALIAS, "unable to find user alias");
  strerr_diefusys(troubles[r].code, troubles[r].doing, found->culprit);
}

/* ---- the answer ---- */

static void put_number(unsigned long number)
{
  char digits[ULONG_FMT];
  buffer_put(buffer_1small, digits, ulong_fmt(digits, number));
  buffer_put(buffer_1small, "", 1);
}

static void put_text(stralloc const *text)
{
  buffer_put(buffer_1small, text->s, text->len + 1);
}

static void answer(struct user const *user)
{
  put_text(&user->name);
  put_number(user->uid);
  put_number(user->gid);
  put_text(&user->home);
  put_text(&user->dash);
  put_text(&user->ext);
  if (!buffer_flush(buffer_1small)) strerr_diefusys(111, "write answer");
}

int main(int argc, char const *const *argv)
{
  struct getpw found = GETPW_ZERO;
  char const *culprit;
  PROG = "qmail-getpw";
  if (argc != 2) strerr_dieusage(100, USAGE);
  enter_home();
  if (!getpw_load(&found, &culprit)) strerr_diefusys(111, "read ", culprit);
  find(&found, argv[1]);
  answer(&found.user);
  return 0;
}
