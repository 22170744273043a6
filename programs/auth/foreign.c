#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/exec.h>
#include <skalibs/strerr.h>

#include "bytes.h"
#include "child.h"
#include "credentials.h"
#include "foreign.h"

enum { PATIENCE_MS = 30000, REFUSED = 1, MISUSED = 2, WRONG_OF_VCHKPW = 3, TROUBLE = 111 };

/* ---- the program ---- */

static bool tell(char const *variable, struct field value)
{
  static stralloc text = STRALLOC_ZERO;
  if (!value.len) return unsetenv(variable) == 0;
  return bytes_setb(&text, value.s, value.len) && bytes_z(&text) && setenv(variable, text.s, 1) == 0;
}

/* As under tcpserver: checkers that know several services go by the port. */
static bool tell_all(struct auth_question const *q)
{
  static char const *const ports[USERS_ACCESSES] = {
    [USERS_POP3] = "110", [USERS_IMAP] = "143", [USERS_SMTP] = "587", [USERS_WEBMAIL] = "80"
  };
  return setenv("PROTO", "TCP", 1) == 0 && setenv("TCPLOCALPORT", ports[q->access], 1) == 0
    && tell("TCPREMOTEIP", q->client_ip) && tell("TCPLOCALIP", q->local_ip);
}

/* What it writes goes to the log; it has no input, and a group of its own, which can be ended as a whole. */
static _Noreturn void become_checker(char const *checker, struct auth_question const *q, int credentials)
{
  char const *const argv[] = { checker, "true", 0 };
  sigset_t none;
  int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  setpgid(0, 0);
  signal(SIGPIPE, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  if (nothing == -1 || dup2(nothing, 0) == -1 || dup2(nothing, 1) == -1 || !tell_all(q)) _exit(TROUBLE);
  if (credentials == 3 ? fcntl(3, F_SETFD, 0) == -1 : dup2(credentials, 3) == -1) _exit(TROUBLE);
  exec(argv);
  strerr_warnwusys("run ", checker);
  _exit(TROUBLE);
}

/* A pipe takes 4096 bytes at least, so it can be filled before anybody reads it. */
static int pipe_of(struct auth_question const *q)
{
  char packed[CREDENTIALS_MAX], stamp[CREDENTIALS_MAX + 1];
  struct credentials const c = { q->login.s, q->secret.s, q->login.len, q->secret.len, 0, 0 };
  int ends[2] = { -1, -1 };
  if (q->challenge.len > CREDENTIALS_MAX) return errno = E2BIG, -1;
  if (q->challenge.len) memcpy(stamp, q->challenge.s, q->challenge.len);
  stamp[q->challenge.len] = 0;
  size_t len = credentials_pack(packed, &c, stamp);
  if (!len) return errno = E2BIG, -1;
  bool filled = pipe2(ends, O_CLOEXEC) == 0;
  if (filled && fd_write(ends[1], packed, len) != (ssize_t)len) filled = (fd_close(ends[0]), false);
  if (ends[1] != -1) fd_close(ends[1]);
  explicit_bzero(packed, sizeof packed);
  return filled ? ends[0] : -1;
}

/* ---- how it ends ---- */

static enum auth_said said_by(int wstat, char const **why)
{
  int code = WIFEXITED(wstat) ? WEXITSTATUS(wstat) : -1;
  *why = code == TROUBLE ? "the checker cannot tell now" : code == -1 ? "the checker crashed" : "the checker is misused";
  if (code == 0) return AUTH_LET_IN;
  if (code != REFUSED && code != WRONG_OF_VCHKPW) return AUTH_TROUBLE;
  *why = "the checker refuses";
  return AUTH_WRONG;
}

enum auth_said foreign_ask(char const *checker, struct auth_question const *q, char const **why)
{
  int wstat, credentials = pipe_of(q);
  *why = "more than a checker is told";
  if (credentials == -1 && errno == E2BIG) return AUTH_WRONG;
  *why = strerror(errno);
  pid_t pid = credentials == -1 ? -1 : fork();
  if (pid == 0) become_checker(checker, q, credentials);
  if (credentials != -1) fd_close(credentials);
  if (pid == -1) return AUTH_TROUBLE;
  enum child_end end = child_wait(pid, PATIENCE_MS, &wstat);
  *why = end == CHILD_UNWATCHED ? "the checker cannot be watched" : "the checker takes too long";
  return end == CHILD_ENDED ? said_by(wstat, why) : AUTH_TROUBLE;
}
