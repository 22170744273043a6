/* qmail-whose: tell whose an address is, which .qmail file was looked for, and what would become of mail for it.

   runs as   anybody; started by root, the account whose address it is before it looks into its home
   reads     control/locals, virtualdomains and their kin, defaultdelivery; users/cdb; the files in the account's home
   starts    bin/qmail-getpw, and bin/qmail-local -n, which prints what a delivery would do
   changes   nothing
   exits     0 told, 100 wrong use or nobody's, 111 it cannot be told now
*/

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "accounts.h"
#include "address.h"
#include "become.h"
#include "control.h"
#include "die.h"
#include "dotqmail.h"
#include "getpw.h"
#include "route.h"
#include "text.h"
#include "users.h"

enum { NEVER = 100, LATER = 111 };

static stralloc box = STRALLOC_ZERO;            /* as it is routed, without its domain, */
static char const *domain = "";                 /* which is behind its NUL */
static stralloc routed = STRALLOC_ZERO;
static struct user user = USER_ZERO;

/* Names and lines come from people, and from the homes of others: they are text, never a command to a terminal. */
static void say_byte(int c)
{
  bool is_text = c == '\n' || c == '\t' || (c >= 32 && c <= 126);
  putchar(is_text ? c : '?');
}

static void say(char const *s)
{
  for (; *s; s++) say_byte((unsigned char)*s);
}

static void say_line(char const *const *words)
{
  for (; *words; words++) say(*words);
  putchar('\n');
}

#define SAY(...) say_line((char const *const[]){ __VA_ARGS__, 0 })

/* ---- where it goes ---- */

static void tell_route(char const *address)
{
  static struct route_table routes;
  char const *culprit;
  if (!route_load_text(&routes, &culprit)) strerr_diefusys(LATER, "read ", culprit);
  int channel = route_surely(&routes, &routed, address, strlen(address));
  if (channel == -1) strerr_diefusys(LATER, "read control/virtualdomains");
  text_z(&routed);
  if (channel == CHANNEL_REMOTE) {
    SAY(routed.s, " goes to another host: qmailctl tls ", routed.s + address_at(routed.s, routed.len) + 1, " tells to which");
    fflush(stdout);
    _exit(0);
  }
  bool is_virtual = route_prefix(&routes, routed.s, routed.len);
  size_t at = address_at(routed.s, routed.len);
  text_setb(&box, routed.s, at);
  text_z(&box);
  domain = at < routed.len ? routed.s + at + 1 : "";
  SAY(domain, is_virtual ? " is in control/virtualdomains: the mailbox is " : " is in control/locals: the mailbox is ", box.s);
}

/* ---- whose it is ---- */

static bool become_asker(void)
{
  return geteuid() || become(account_uid("qmailp"), account_gid("nofiles"));
}

static char const *ask_getpw(void)
{
  int wstat;
  if (getpw_ask(&user, box.s, become_asker, &wstat) != 1) strerr_dief(LATER, "bin/qmail-getpw does not tell whose it is now");
  return "qmail-getpw";
}

static char const *find_user(void)
{
  switch (users_find(&user, box.s, box.len)) {
    case USERS_FOUND: return "users/assign";
    case USERS_NOBODY: return ask_getpw();
    case USERS_NOMEM: die_nomem();
    default: strerr_diefusys(LATER, "read users/cdb");
  }
}

static void tell_user(void)
{
  char const *source = find_user();
  SAY("It is of the account ", user.name.s, ", by ", source, ", with files in ", user.home.s);
  if (!user.uid) strerr_dief(LATER, "that is root, as whom nothing is delivered");
  if (!geteuid() && !become(user.uid, user.gid)) strerr_diefusys(LATER, "become ", user.name.s);
}

/* ---- which file ---- */

static stralloc seen = STRALLOC_ZERO;

static bool is_there(int home, char const *name)
{
  struct stat st;
  bool is = fstatat(home, name, &st, 0) == 0;
  char const *state = is ? " is there, and counts:\n" : errno == ENOENT ? " is not there\n" : " cannot be looked at\n";
  text_addx(&seen, &user.home);
  text_add(&seen, "/");
  text_add(&seen, name);
  text_add(&seen, state);
  return is;
}

/* Where there is none, qmail-local tells which were looked for. */
static void tell_files(void)
{
  struct dotqmail_search search = { .dash = user.dash.s, .ext = user.ext.s };
  int home = open(user.home.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (home == -1) strerr_diefusys(LATER, "enter ", user.home.s);
  bool found = false;
  while (!found && dotqmail_next(&search) == 1) found = is_there(home, search.name.s);
  if (found) say(text_z(&seen));
  fd_close(home);
}

/* ---- what it says ---- */

static char *default_delivery(void)
{
  static stralloc text = STRALLOC_ZERO;
  if (control_slurp(&text, "defaultdelivery") == -1) strerr_diefusys(LATER, "read control/defaultdelivery");
  while (text.len && text.s[text.len - 1] == '\n') text.len--;
  return text_z(&text);
}

/* By the program that delivers, so that there is no other opinion. It is the account's, who may take hold of it, and so has no hold on a
   terminal of root. */
static _Noreturn void be_local(int out)
{
  setsid();
  char const *delivery = default_delivery();
  char const *const argv[] = {
    "bin/qmail-local", "-n", "--", user.name.s, user.home.s, box.s, user.dash.s, user.ext.s, domain, "", *delivery ? delivery : "./Mailbox", 0
  };
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing != -1 && fd_move(0, nothing) != -1 && fd_move(1, out) != -1 && fd_copy(2, 1) != -1) execv(argv[0], (char *const *)argv);
  _exit(LATER);
}

static int tell_instructions(void)
{
  char block[4096];
  int p[2], wstat;
  fflush(stdout);
  if (pipecoe(p) == -1) strerr_diefusys(LATER, "make a pipe");
  pid_t pid = fork();
  if (pid == -1) strerr_diefusys(LATER, "fork");
  if (pid == 0) be_local(p[1]);
  fd_close(p[1]);
  for (ssize_t r; (r = fd_read(p[0], block, sizeof block)) > 0;)
    for (ssize_t i = 0; i < r; i++) say_byte((unsigned char)block[i]);
  return wait_pid(pid, &wstat) != -1 && WIFEXITED(wstat) ? WEXITSTATUS(wstat) : LATER;
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-whose";
  if (argc != 2 || !*argv[1]) strerr_dieusage(NEVER, "qmail-whose address");
  enter_home();
  setvbuf(stdout, 0, _IOLBF, 0);
  tell_route(argv[1]);
  tell_user();
  tell_files();
  int code = tell_instructions();
  return fflush(stdout) ? LATER : code;
}
