#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "serial_run.h"
#include "text.h"

struct client {
  pid_t pid;
  int to, from;             /* -1: all names are said; it says no more */
  size_t said;              /* bytes of the names */
  stralloc heard;
};

/* Who sends without being heard would send for nothing: it ends with us. */
static _Noreturn void be_client(char const *const *argv, pid_t parent, int in, int out)
{
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(111);
  signal(SIGPIPE, SIG_DFL);
  if (fd_move2(0, in, 1, out) == -1) strerr_diefusys(111, "set up descriptors");
  execvp(argv[0], (char *const *)argv);
  strerr_diefusys(111, "run ", argv[0]);
}

static bool start(struct client *c, char const *const *argv)
{
  int in[2], out[2];
  pid_t parent = getpid();
  if (pipecoe(in) == -1) return false;
  if (pipecoe(out) == -1) return close(in[0]), close(in[1]), false;
  c->pid = fork();
  if (c->pid == 0) be_client(argv, parent, in[0], out[1]);
  close(in[0]);
  close(out[1]);
  *c = (struct client){ c->pid, in[1], out[0], 0, STRALLOC_ZERO };
  if (c->pid != -1 && ndelay_on(c->to) == 0) return true;
  close(c->to);
  close(c->from);
  return false;
}

static void say(struct client *c, stralloc const *names)
{
  ssize_t r = write(c->to, names->s + c->said, names->len - c->said);
  if (r > 0) c->said += (size_t)r;
  bool goes_on = r > 0 || errno == EAGAIN || errno == EINTR;
  if (goes_on && c->said < names->len) return;
  close(c->to);
  c->to = -1;
}

static bool hear(struct client *c, void (*heard)(struct serial_result const *))
{
  struct serial_result result;
  size_t done = 0;
  long n = 0;
  text_room(&c->heard, 4096);
  ssize_t r = read(c->from, c->heard.s + c->heard.len, 4096);
  if (r == -1 && errno == EINTR) return true;
  if (r <= 0) return close(c->from), c->from = -1, true;
  c->heard.len += (size_t)r;
  for (; (n = serial_result_read(&result, c->heard.s + done, c->heard.len - done)) > 0; done += (size_t)n) heard(&result);
  c->heard.len -= done;
  memmove(c->heard.s, c->heard.s + done, c->heard.len);
  return n == 0;
}

static bool converse(struct client *c, stralloc const *names, void (*heard)(struct serial_result const *))
{
  while (c->from != -1) {
    struct pollfd x[] = { { .fd = c->from, .events = POLLIN }, { .fd = c->to, .events = POLLOUT } };
    if (poll(x, 2, -1) == -1) continue;
    if (x[1].revents) say(c, names);
    if (x[0].revents && !hear(c, heard)) return false;
  }
  return true;
}

enum serial_run_end serial_run(char const *const *argv, stralloc const *names, void (*heard)(struct serial_result const *),
                               int *code)
{
  struct client c;
  int wstat;
  if (!start(&c, argv)) return SERIAL_RUN_FAILED;
  bool sense = converse(&c, names, heard);
  if (!sense) kill(c.pid, SIGKILL);
  if (c.to != -1) close(c.to);
  if (c.from != -1) close(c.from);
  stralloc_free(&c.heard);
  if (wait_pid(c.pid, &wstat) == -1) return SERIAL_RUN_FAILED;
  if (!sense) return SERIAL_RUN_SENSELESS;
  *code = WIFEXITED(wstat) ? WEXITSTATUS(wstat) : 0;
  return WIFEXITED(wstat) ? SERIAL_RUN_EXITED : SERIAL_RUN_CRASHED;
}
