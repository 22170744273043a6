#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "getpw.h"

enum { ANSWER_MAX = 65536, NOT_ASKED = 111 };

/* What the caller reads or writes is none of its business. */
static _Noreturn void be_getpw(char const *box, int answer, bool (*become_asker)(void))
{
  char const *const argv[] = { "bin/qmail-getpw", box, 0 };
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing == -1 || dup2(nothing, 0) == -1 || dup2(answer, 1) == -1) _exit(NOT_ASKED);
  if (become_asker && !become_asker()) _exit(NOT_ASKED);
  execv(argv[0], (char *const *)argv);
  _exit(NOT_ASKED);
}

int getpw_ask(struct user *user, char const *box, bool (*become_asker)(void), int *wstat)
{
  static char answer[ANSWER_MAX];
  int p[2];
  if (pipecoe(p) == -1) return -1;
  pid_t pid = fork();
  if (pid == 0) be_getpw(box, p[1], become_asker);
  fd_close(p[1]);
  size_t len = pid == -1 ? 0 : allread(p[0], answer, sizeof answer);
  fd_close(p[0]);
  if (pid == -1 || wait_pid(pid, wstat) == -1) return -1;
  if (*wstat) return 0;
  int r = users_parse(user, answer, len);
  if (r == -1) errno = ENOMEM;
  return r;
}
