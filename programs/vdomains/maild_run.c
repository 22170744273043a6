#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sig.h>

#include "home.h"
#include "maild_run.h"
#include "text.h"

struct child { char const *const *argv; int (*does)(void *); void *with; int in, out; };

/* Its time counts in the child itself, and in what it execs. */
_Noreturn static void be_child(struct child const *c)
{
  if (dup2(c->in, 0) == -1 || dup2(c->out, 1) == -1) _exit(MAILD_RUN_TROUBLE);
  sig_restore(SIGPIPE);
  alarm(MAILD_RUN_SECONDS);
  if (c->argv) {
    stralloc path = STRALLOC_ZERO;
    text_set(&path, HOME "/bin/");
    text_add(&path, c->argv[0]);
    execv(text_z(&path), (char *const *)c->argv);
    _exit(MAILD_RUN_TROUBLE);
  }
  int code = c->does(c->with);
  buffer_flush(buffer_1);
  _exit(code);
}

static bool read_output(stralloc *output, int fd)
{
  char block[65536];
  ssize_t r;
  while ((r = fd_read(fd, block, sizeof block)) > 0)
    if (output->len < MAILD_RUN_OUTPUT_MAX) text_addb(output, block, (size_t)r);
  return r == 0;
}

static int run(stralloc *output, struct child *c)
{
  int ends[2], wstat;
  output->len = 0;
  if (pipe2(ends, O_CLOEXEC) == -1) return MAILD_RUN_TROUBLE;
  c->out = ends[1];
  pid_t pid = fork();
  if (pid == 0) be_child(c);
  fd_close(ends[1]);
  bool read = pid != -1 && read_output(output, ends[0]);
  fd_close(ends[0]);
  if (pid == -1 || wait_pid(pid, &wstat) != pid || !read || !WIFEXITED(wstat)) return MAILD_RUN_TROUBLE;
  return WEXITSTATUS(wstat);
}

int maild_run_command(stralloc *output, char const *const *argv, stralloc const *input)
{
  struct child c = { .argv = argv, .in = memfd_create("input", MFD_CLOEXEC) };
  if (c.in == -1) return MAILD_RUN_TROUBLE;
  bool written = allwrite(c.in, input->s, input->len) == input->len && lseek(c.in, 0, SEEK_SET) == 0;
  int code = written ? run(output, &c) : MAILD_RUN_TROUBLE;
  fd_close(c.in);
  return code;
}

int maild_run_function(stralloc *output, int (*does)(void *), void *with)
{
  struct child c = { .does = does, .with = with, .in = open("/dev/null", O_RDONLY | O_CLOEXEC) };
  if (c.in == -1) return MAILD_RUN_TROUBLE;
  int code = run(output, &c);
  fd_close(c.in);
  return code;
}
