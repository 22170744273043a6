#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "child_looks.h"
#include "monotonic.h"
#include "text.h"

/* ---- the child ---- */

/* In a group of its own, with all that it starts. Who listens may end before it. */
static _Noreturn void be_child(struct child_looks const *c, size_t from, int const p[2])
{
  stralloc said = STRALLOC_ZERO;
  setpgid(0, 0);
  fd_close(p[0]);
  for (size_t i = from; i < c->count; i++) {
    said.len = 0;
    c->look(&said, i, c->data);
    text_addc(&said, 0);
    if (allwrite(p[1], said.s, said.len) < said.len) _exit(111);
  }
  _exit(0);
}

/* ---- who listens to it ---- */

struct ear {
  int fd;
  size_t at, len;
  char block[4096];
};

/* -1 at the end and after the time. */
static int next_byte(struct ear *e, int64_t end)
{
  while (e->at == e->len) {
    struct pollfd x = { .fd = e->fd, .events = POLLIN };
    int64_t left = end - monotonic_ms();
    int r = left > 0 ? poll(&x, 1, (int)left) : 0;
    if (r == -1 && errno == EINTR) continue;
    ssize_t n = r == 1 ? fd_read(e->fd, e->block, sizeof e->block) : 0;
    if (n <= 0) return -1;
    e->at = 0;
    e->len = (size_t)n;
  }
  return (unsigned char)e->block[e->at++];
}

static bool next_answer(struct ear *e, stralloc *said)
{
  int64_t end = monotonic_ms() + CHILD_LOOK_SECONDS * 1000L;
  int byte;
  said->len = 0;
  while ((byte = next_byte(e, end)) > 0) text_addc(said, (char)byte);
  text_z(said);
  return byte == 0;
}

static size_t hear_all(struct child_looks const *c, size_t from, int fd)
{
  struct ear e = { .fd = fd };
  stralloc said = STRALLOC_ZERO;
  size_t i = from;
  for (; i < c->count && next_answer(&e, &said); i++) c->hear(i, said.s, c->data);
  stralloc_free(&said);
  return i;
}

/* A process in a system call that does not return may stay for ever: it is not waited for, nor are those it started. */
static void leave(pid_t pid, bool finished)
{
  int wstat;
  if (finished) wait_pid(pid, &wstat);
  else kill(-pid, SIGKILL);
}

/* The first one that was not answered. */
static size_t with_child(struct child_looks const *c, size_t from)
{
  int p[2];
  if (pipecoe(p) == -1) return from;
  pid_t pid = fork();
  if (pid == 0) be_child(c, from, p);
  fd_close(p[1]);
  size_t next = from;
  if (pid != -1) {
    setpgid(pid, pid);
    next = hear_all(c, from, p[0]);
    leave(pid, next == c->count);
  }
  fd_close(p[0]);
  return next;
}

size_t child_looks(struct child_looks const *c)
{
  size_t next = 0;
  for (unsigned lost = 0; next < c->count && lost < CHILD_LOOKS_LOST_MAX; lost++) {
    next = with_child(c, next);
    if (next == c->count) break;
    c->hear(next++, 0, c->data);
  }
  return next;
}
