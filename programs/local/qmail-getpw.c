/* qmail-getpw: find the account that a local address belongs to.

   runs as   qmailp, group nofiles, started by qmail-lspawn
   reads     argv[1], control/breakchars, the account database, the owners of home directories
   writes    on fd 1: user, uid, gid, home, dash and ext, each followed by a NUL
   exits     0; 100 usage; 111, 115, 116, 118 when the machine fails us (local_exit.h)
*/

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <skalibs/buffer.h>
#include <skalibs/bytestr.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "control.h"
#include "die.h"
#include "homes.h"
#include "local_exit.h"
#include "passwd.h"
#include "text.h"

#define USAGE "qmail-getpw local"

enum { ACCOUNT_MAX = 31 };    /* bytes of an account's name; longer ones are never looked up */

static stralloc breaks = STRALLOC_ZERO;     /* any of them stands between the account and the rest of an address */

static struct control const controls[] = {
  /* file          kind           goes to   when absent */
  { "breakchars",  CONTROL_LINE,  &breaks,  "-" },
  { 0 }
};

/* ---- accounts ---- */

/* Null: there is none. */
static struct passwd const *account(char const *name)
{
  struct passwd const *pw;
  if (passwd_find(&pw, name) == PASSWD_TROUBLE) strerr_diefusys(LOCAL_EXIT_SYSTEM, "look up account ", name);
  return pw;
}

static bool owns_home(struct passwd const *pw)
{
  enum home_state state = home_state(pw->pw_dir, pw->pw_uid);
  if (state == HOME_AWAY && errno) strerr_diefusys(LOCAL_EXIT_HOMES_AWAY, "look at home ", pw->pw_dir);
  if (state == HOME_AWAY) strerr_dief(LOCAL_EXIT_HOMES_AWAY, pw->pw_dir, " is an empty directory of root: not mounted?");
  return state == HOME_OWNED;
}

/* The account that the first len bytes of the address name, if it may have mail. */
static struct passwd const *mail_user(char const *address, size_t len)
{
  char name[ACCOUNT_MAX + 1];
  if (len > ACCOUNT_MAX) return 0;
  memcpy(name, address, len);
  name[len] = 0;
  case_lowerb(name, len);
  struct passwd const *pw = account(name);
  return pw && pw->pw_uid && owns_home(pw) ? pw : 0;
}

static struct passwd const *alias_user(void)
{
  struct passwd const *pw = account("alias");
  if (!pw) strerr_dief(LOCAL_EXIT_NO_ALIAS, "unable to find user alias");
  return pw;
}

/* ---- the answer ---- */

static void put_number(unsigned long number)
{
  char digits[ULONG_FMT];
  buffer_put(buffer_1small, digits, ulong_fmt(digits, number));
  buffer_put(buffer_1small, "", 1);
}

static void put_text(char const *text)
{
  buffer_put(buffer_1small, text, strlen(text) + 1);
}

static void answer(struct passwd const *pw, char const *dash, char const *ext)
{
  put_text(pw->pw_name);
  put_number(pw->pw_uid);
  put_number(pw->pw_gid);
  put_text(pw->pw_dir);
  put_text(dash);
  put_text(ext);
  if (!buffer_flush(buffer_1small)) strerr_diefusys(111, "write answer");
}

static bool is_break(char c)
{
  return byte_chr(breaks.s, breaks.len, c) < breaks.len;
}

/* The whole address first, then what stands before each break, from right to left. Whatever the break is, the dash of
   the answer is a hyphen: joe+list and joe-list are both .qmail-list. */
static void find(char const *address)
{
  size_t whole = strlen(address);
  for (size_t len = whole + 1; len--;) {
    if (len < whole && !is_break(address[len])) continue;
    struct passwd const *pw = mail_user(address, len);
    if (!pw) continue;
    if (len == whole) answer(pw, "", "");
    else answer(pw, "-", address + len + 1);
    return;
  }
  answer(alias_user(), "-", address);
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-getpw";
  if (argc != 2) strerr_dieusage(100, USAGE);
  enter_home();
  control_load_or_die(controls);
  find(argv[1]);
  return 0;
}
