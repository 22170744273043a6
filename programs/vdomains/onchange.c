#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "become.h"
#include "child.h"
#include "command.h"
#include "onchange.h"
#include "site.h"
#include "text.h"
#include "users_ask.h"
#include "vchange.h"

enum { NOT_EXECUTED = 126, LOG_MS = 2000 };

static stralloc script = STRALLOC_ZERO;       /* its path */

/* Whether there is one; looked for once. */
static bool is_there(void)
{
  static enum { UNKNOWN, THERE, NONE } known = UNKNOWN;
  if (known != UNKNOWN) return known == THERE;
  int etc = site_open_etc();
  bool found = etc != -1 && faccessat(etc, ONCHANGE_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  if (!found && errno != ENOENT) strerr_warnwusys("look for ", site_find()->home, "/etc/" ONCHANGE_FILE);
  if (etc != -1) fd_close(etc);
  known = found ? THERE : NONE;
  text_set(&script, site_find()->home);
  text_add(&script, "/etc/" ONCHANGE_FILE);
  text_z(&script);
  return found;
}

/* ---- the script ---- */

/* What it says goes where our messages go: standard output is for who called the command. It is not root's, and so has no hold
   on a terminal of root. */
_Noreturn static void child(char const *const *argv)
{
  setsid();
  if (geteuid() == 0 && !become(site_find()->uid, site_find()->gid)) _exit(NOT_EXECUTED);
  int null = open("/dev/null", O_RDONLY);
  if (null == -1 || dup2(null, 0) == -1 || dup2(2, 1) == -1 || chdir("/") == -1) _exit(NOT_EXECUTED);
  execv(argv[0], (char *const *)argv);
  _exit(NOT_EXECUTED);
}

/* Null: it did what it should. */
static char const *run(char const *const *argv)
{
  int wstat;
  buffer_flush(buffer_1);
  pid_t pid = fork();
  if (pid == -1) return "cannot be started";
  if (pid == 0) child(argv);
  enum child_end end = child_wait(pid, ONCHANGE_SECONDS * 1000, &wstat);
  if (end == CHILD_UNWATCHED) return "cannot be watched";
  if (end == CHILD_LATE) return "has had its time and is stopped";
  if (WIFEXITED(wstat) && WEXITSTATUS(wstat) == NOT_EXECUTED) return "not executable";
  return WIFEXITED(wstat) && !WEXITSTATUS(wstat) ? 0 : "has failed";
}

/* ---- what it is told ---- */

void onchange_script(char const *what, char const *first, char const *second)
{
  if (!what || !is_there()) return;
  char const *argv[] = { script.s, what, first ? first : "-", second ? second : "-", "-", 0 };
  char const *wrong = run(argv);
  if (wrong) strerr_warnw("ONCHANGE script ", script.s, " ", wrong, ": ", what, " ", argv[2]);
}

static char const *address_of(stralloc *address, struct field user, char const *domain)
{
  text_setb(address, user.s, user.len);
  text_addc(address, '@');
  text_add(address, domain);
  return text_z(address);
}

void onchange_script_user(char const *what, struct field user, char const *domain)
{
  stralloc address = STRALLOC_ZERO;
  if (!is_there()) return;
  onchange_script(what, address_of(&address, user, domain), 0);
  stralloc_free(&address);
}

/* ---- the log ---- */

void onchange_log(char const *name, char const *first, char const *second)
{
  static struct users_heard heard;
  if (!users_ask_is_possible()) return;
  enum users_said said = users_ask(&heard, &(struct users_question){
    .verb = USERS_CHANGED, .name = field_of(first), .challenge = field_of(name), .secret = field_of(second ? second : "")
  }, LOG_MS);
  if (said != SAID_LET_IN) strerr_warnw("the service qmail-users has not logged this change: ", name, " ", first);
}

/* ---- both ---- */

void onchange(char const *name, char const *first, char const *second)
{
  onchange_log(name, first, second);
  onchange_script(vchange_find(field_of(name))->told, first, second);
}

void onchange_user(char const *name, struct field user, char const *domain, char const *second)
{
  stralloc address = STRALLOC_ZERO;
  onchange(name, address_of(&address, user, domain), second);
  stralloc_free(&address);
}

struct told { char const *what; struct named const *named; };

static bool tell_one(void *told_, struct vpasswd const *record)
{
  struct told const *told = told_;
  onchange_script_user(told->what, record->name, told->named->domain.real.s);
  return true;
}

static int tell_all(void *told_)
{
  struct told *told = told_;
  struct store_domain table = named_table(told->named);
  enum store_result listed = store_list(&table, tell_one, told);
  if (listed != STORE_DONE) strerr_warnw("ONCHANGE script ", script.s, " has not heard of all users of ", table.name);
  return 0;
}

int onchange_after(int status, char const *name, struct named const *named, char const *second)
{
  struct told told = { vchange_find(field_of(name))->told, named };
  bool const of_one = named->user.len;
  if (status || command_is_dry()) return status;
  onchange_log(name, of_one ? named_address(named) : named->domain.real.s, second);
  if (!told.what || !is_there()) return status;
  if (of_one) onchange_script_user(told.what, named_user(named), named->domain.real.s);
  else named_work(named, tell_all, &told);
  return status;
}
