#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "remote_confine.h"
#include "remote_keep.h"

/* What a child leaves. Shared with the children; the agent clears it before each. */
static struct left {
  bool usable;
  unsigned messages;
  time_t since;
  struct kept kept;
} *left;

static int connection = -1;
static int hatch[2];           /* a new connection goes through it, child to agent */

static time_t monotonic(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec;
}

static bool worth_keeping(void)
{
  return left->usable && left->messages < KEEP_MESSAGES && monotonic() < left->since + KEEP_SECONDS;
}

/* ---- in the agent ---- */

static void begin(void)
{
  remote_confine_agent();
  void *p = mmap(0, sizeof *left, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return;
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, hatch) == 0) left = p;
}

static void drop(void)
{
  if (connection != -1) close(connection);
  connection = -1;
  if (left) left->usable = false;
}

/* Politeness only: if it cannot leave at once, it does not. */
static void say_quit(void)
{
  static char const quit[] = "QUIT\r\n";
  if (connection != -1) send(connection, quit, sizeof quit - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void say_quit_and_drop(void)
{
  say_quit();
  drop();
}

static int passed(void)
{
  union { struct cmsghdr align; char space[CMSG_SPACE(sizeof(int))]; } control;
  char byte;
  struct iovec v = { &byte, 1 };
  struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  int fd;
  struct cmsghdr *c = recvmsg(hatch[0], &m, MSG_CMSG_CLOEXEC) == 1 ? CMSG_FIRSTHDR(&m) : 0;
  if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof fd)) return -1;
  memcpy(&fd, CMSG_DATA(c), sizeof fd);
  return fd;
}

/* A connection that comes through the hatch replaces ours, which the child found unusable. */
static void after(void)
{
  if (!left) return;
  int fd = passed();
  if (fd != -1) {
    if (connection != -1) close(connection);
    connection = fd;
  }
  if (!left->usable) drop();
  else if (!worth_keeping()) say_quit_and_drop();
}

static int watched(void)
{
  return connection;
}

struct agent_keeper const connection_keeper = {
  .begin = begin, .after = after, .watched = watched, .lost = drop, .end = say_quit_and_drop
};

/* ---- in its child ---- */

bool keep_look(struct kept *kept)
{
  if (!left || connection == -1 || !worth_keeping()) return false;
  *kept = left->kept;
  return true;
}

/* From here on it is ours to spoil: the agent keeps it only if we leave it again. */
int keep_take(void)
{
  left->usable = false;
  return connection;
}

void keep_end(void)
{
  left->usable = false;
  say_quit();
}

static bool pass(int fd)
{
  union { struct cmsghdr align; char space[CMSG_SPACE(sizeof fd)]; } control = { .space = "" };
  struct iovec v = { "", 1 };
  struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(c), &fd, sizeof fd);
  return sendmsg(hatch[1], &m, MSG_NOSIGNAL) == 1;
}

bool keep_leave(int fd, struct kept const *kept)
{
  if (!left) return false;
  if (fd == connection) {
    left->messages++;
  } else {
    if (!pass(fd)) return false;
    left->messages = 1;
    left->since = monotonic();
  }
  left->kept = *kept;
  left->usable = true;
  return true;
}
