#include <stdlib.h>
#include <sys/wait.h>

#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>
#include <skalibs/sgetopt.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "child_start.h"
#include "feed.h"
#include "line_program.h"
#include "text.h"

#define USAGE "preline [ -frdFRD ] cmd [ arg ... ]"

enum { LINES = 3, WRONG = 100, LATER = 111 };

/* In this order they stand before the message; the letter of each leaves it out, its capital takes it back. */
static struct { char const letter, *variable; } const lines[LINES] = { { 'f', "UFLINE" }, { 'r', "RPLINE" }, { 'd', "DTLINE" } };

static void read_options(char const *wanted[LINES], int *argc, char const *const **argv)
{
  subgetopt options = SUBGETOPT_ZERO;
  for (int i = 0; i < LINES; i++)
    if (!(wanted[i] = getenv(lines[i].variable))) strerr_dieusage(WRONG, USAGE);
  for (int o; (o = subgetopt_r(*argc, *argv, "frdFRD", &options)) != -1;) {
    if (o == '?') strerr_dieusage(WRONG, USAGE);
    for (int i = 0; i < LINES; i++)
      if ((o | 040) == lines[i].letter) wanted[i] = o & 040 ? "" : getenv(lines[i].variable);
  }
  *argc -= options.ind;
  *argv += options.ind;
  if (*argc < 1) strerr_dieusage(WRONG, USAGE);
}

int line_preline(int argc, char const *const *argv)
{
  char const *head[LINES];
  stralloc text = STRALLOC_ZERO;
  int fd, wstat;
  PROG = "preline";
  read_options(head, &argc, &argv);
  text_room(&text, 1);
  for (int i = 0; i < LINES; i++) text_add(&text, head[i]);
  pid_t pid = child_spawn1_pipe(*argv, argv, (char const *const *)environ, &fd, 0);
  if (!pid) strerr_diefusys(LATER, "run ", *argv); /* as where the shell does not find it: it may be back tomorrow */
  sig_altignore(SIGPIPE);
  if (!feed(fd, pid, text.s, text.len)) strerr_diefusys(LATER, "copy input");
  if (wait_pid(pid, &wstat) == -1) strerr_dief(LATER, "wait failed");
  if (!WIFEXITED(wstat)) strerr_dief(LATER, "child crashed");
  return WEXITSTATUS(wstat);
}
