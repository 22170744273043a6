/* vdelivermail: deliver one message to the user of a virtual domain, or do what the domain wants with mail for nobody.

   runs as   the owner of the domain, in its directory, started by qmail-local from a line of a .qmail file
   reads     the message on fd 0, the table of users, the user's .qmail, texts and rules of the domain
   changes   the user's Maildir and its ledger, what his .qmail names, the queue by forwards; a home that is missing is made
   exits     0 done, 99 done and no more lines, 100 refused for good, 111 to be tried again; says why on fd 1
*/

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "bytes.h"
#include "die.h"
#include "home.h"
#include "mark.h"
#include "passwd.h"
#include "text.h"
#include "vdeliver.h"

#define ENDING "/bin/vdelivermail"

MARK("vdelivermail");

/* ---- what it is told ---- */

static char const *needed(char const *variable)
{
  char const *value = getenv(variable);
  if (!value) strerr_dief(100, "the environment has no ", variable, ": a line of a .qmail file starts this program");
  return value;
}

/* The first argument is a place that once had a use. */
static struct vdelivermail_line action_read(int argc, char const *const *argv)
{
  struct vdelivermail_line line = { 0 };
  if (argc != 3 || !vdelivermail_line_action(&line, (struct field){ argv[2], strlen(argv[2]) }))
    strerr_dief(111, "invalid syntax in .qmail-default file");
  return line;
}

/* The home of vpopmail is where this program was called, HOME/bin; else the account's. */
static char const *home_of_vpopmail(char const *self)
{
  static stralloc site = STRALLOC_ZERO;
  struct passwd const *pw;
  size_t len = strlen(self), end = sizeof ENDING - 1;
  if (self[0] == '/' && len > end && !strcmp(self + len - end, ENDING)) text_setb(&site, self, len - end);
  if (site.len && strcmp(text_z(&site), HOME) != 0) return site.s;
  return passwd_find(&pw, "vpopmail") == PASSWD_FOUND ? pw->pw_dir : 0;
}

static char const *directory_find(void)
{
  char const *directory = getcwd(0, 0);
  if (!directory) strerr_diefusys(111, "find the working directory");
  return directory;
}

static bool environment_add(stralloc *to)
{
  for (char *const *e = environ; *e; e++)
    if (!bytes_addb(to, *e, strlen(*e) + 1)) return false;
  return true;
}

/* ---- the message ---- */

static int file_make(void)
{
  int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return fd == -1 ? open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : fd;
}

/* Behind a filter it comes in a pipe; it is read more than once. */
static void message_keep(void)
{
  struct stat st;
  if (fstat(0, &st) == 0 && S_ISREG(st.st_mode)) return;
  int fd = file_make();
  if (fd == -1 || fd_cat(0, fd) == -1 || fd_move(0, fd) == -1) strerr_diefusys(111, "keep the message");
}

/* ---- the end ---- */

static _Noreturn void report(struct vdeliver const *v)
{
  if (v->text.len && (allwrite(1, v->text.s, v->text.len) < v->text.len || allwrite(1, "\n", 1) < 1)) _exit(111);
  _exit((int)v->code);
}

int main(int argc, char const *const *argv)
{
  static struct vdeliver v = VDELIVER_ZERO;
  PROG = "vdelivermail";
  struct vdelivermail_line const line = action_read(argc, argv);
  char const *sender = getenv("SENDER");
  umask(077);
  signal(SIGPIPE, SIG_IGN);
  message_keep();
  vdeliver_begin(&v, &(struct vdeliver_task){
    .line = &line, .ext = needed("EXT"), .host = needed("HOST"),
    .domain = vdeliver_domain(getenv("USER"), needed("HOST")), .sender = sender ? sender : "",
    .return_path = getenv("RPLINE"), .delivered_to = getenv("DTLINE"), .domain_dir = directory_find(),
    .site = home_of_vpopmail(argv[0]), .environment = environment_add
  });
  vdeliver_finish(&v);
  report(&v);
}
