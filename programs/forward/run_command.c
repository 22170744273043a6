#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "line_program.h"
#include "run_command.h"

enum { NEVER = 100, LATER = 111 };

static unsigned char const refusals[] = { 100, 64, 65, 70, 76, 77, 78, 112 };

static _Noreturn void be_command(char const *command, bool with_lines)
{
  char const *const argv[] = { "preline", "/bin/sh", "-c", command, 0 };
  signal(SIGPIPE, SIG_DFL);
  if (with_lines) _exit(line_preline(4, argv));
  execv(argv[1], (char *const *)argv + 1);
  strerr_diefusys(LATER, "run ", argv[1]);
}

void run_command(char const *command, bool with_lines)
{
  int wstat;
  if (lseek(0, 0, SEEK_SET) == -1) strerr_diefusys(LATER, "rewind input");
  pid_t pid = fork();
  if (pid == 0) be_command(command, with_lines);
  if (pid == -1) strerr_diefusys(LATER, "fork");
  if (wait_pid(pid, &wstat) == -1 || !WIFEXITED(wstat)) strerr_dief(LATER, "child crashed");
  int code = WEXITSTATUS(wstat);
  if (lseek(0, 0, SEEK_SET) == -1) strerr_diefusys(LATER, "rewind input");
  if (code) _exit(memchr(refusals, code, sizeof refusals) ? NEVER : LATER);
}
