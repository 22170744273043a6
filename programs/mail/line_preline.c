#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#if __has_include(<skalibs/cspawn.h>)
#include <skalibs/cspawn.h>
#endif
#include <skalibs/djbunix.h>
#include <skalibs/posixplz.h>
#include <skalibs/sgetopt.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "line_program.h"
#include "temporary.h"

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

/* A program that stops reading early has had enough; its exit code tells whether that was right. False with errno when our
   own input fails. */
static bool feed(int fd, char const *const head[LINES])
{
  char block[65536];
  for (int i = 0; i < LINES; i++) {
    size_t len = strlen(head[i]);
    if (allwrite(fd, head[i], len) < len) return true;
  }
  for (;;) {
    ssize_t r = fd_read(0, block, sizeof block);
    if (r == -1) return false;
    if (!r || allwrite(fd, block, (size_t)r) < (size_t)r) return true;
  }
}

/* The program must not take half a message for a whole one. */
static _Noreturn void give_up(pid_t pid)
{
  int e = errno;
  kill(pid, SIGKILL);
  errno = e;
  strerr_diefusys(LATER, "copy input");
}

int line_preline(int argc, char const *const *argv)
{
  char const *head[LINES];
  int fd, wstat;
  PROG = "preline";
  read_options(head, &argc, &argv);
  pid_t pid = child_spawn1_pipe(*argv, argv, (char const *const *)environ, &fd, 0);
  if (!pid) strerr_diefusys(temporary(errno) ? LATER : WRONG, "run ", *argv);
  sig_altignore(SIGPIPE);
  if (!feed(fd, head)) give_up(pid);
  fd_close(fd);
  if (wait_pid(pid, &wstat) == -1) strerr_dief(LATER, "wait failed");
  if (!WIFEXITED(wstat)) strerr_dief(LATER, "child crashed");
  return WEXITSTATUS(wstat);
}
