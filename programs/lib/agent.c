#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/uint32.h>

#include "agent.h"

/* An agent never ends with 0: nobody shall take its end for a delivery. */
enum { AGENT_GOES = 111 };

enum { MESSAGE, OUTPUT, PASSED };

static char bytes[AGENT_REQUEST_MAX];
static char const *arguments[AGENT_ARGS_MAX + 2];

/* ---- coming forward ---- */

/* Whether this process runs the file the spawner executed. Gives the name of its socket. */
static char const *spawner_name(char const *offer)
{
  struct stat st;
  char self[80];
  if (!offer || stat("/proc/self/exe", &st) == -1) return 0;
  int len = snprintf(self, sizeof self, AGENT_VERSION ":%" PRIuMAX ":%" PRIuMAX ":", (uintmax_t)st.st_dev,
                     (uintmax_t)st.st_ino);
  return strncmp(offer, self, (size_t)len) ? 0 : offer + len;
}

/* A crowd before the socket must not keep the mail waiting. */
static int come_forward(char const *name)
{
  struct sockaddr_un sa = { .sun_family = AF_UNIX };
  size_t len = strlen(name);
  if (!len || len >= sizeof sa.sun_path) return -1;
  memcpy(sa.sun_path + 1, name, len);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd == -1) return -1;
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
  if (connect(fd, (struct sockaddr *)&sa, size) == 0 && fcntl(fd, F_SETFL, 0) == 0) return fd;
  close(fd);
  return -1;
}

static int offered(void)
{
  char const *name = spawner_name(getenv(AGENT_VARIABLE));
  int fd = name ? come_forward(name) : -1;
  unsetenv(AGENT_VARIABLE);
  return fd;
}

/* ---- requests ---- */

static bool cut_arguments(size_t len)
{
  size_t n = 1;
  for (size_t i = 0; i < len; i += strlen(bytes + i) + 1) {
    if (n > AGENT_ARGS_MAX) return false;
    arguments[n++] = bytes + i;
  }
  arguments[n] = 0;
  return len && !bytes[len - 1];
}

static bool take(int fd, int passed[PASSED])
{
  union { struct cmsghdr align; char space[CMSG_SPACE(sizeof(int) * PASSED)]; } control;
  struct iovec v = { bytes, sizeof bytes };
  struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  ssize_t r;
  do r = recvmsg(fd, &m, MSG_CMSG_CLOEXEC); while (r == -1 && errno == EINTR);
  struct cmsghdr *c = r > 0 ? CMSG_FIRSTHDR(&m) : 0;
  if (!c || m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) return false;
  if (c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int) * PASSED)) return false;
  memcpy(passed, CMSG_DATA(c), sizeof(int) * PASSED);
  return cut_arguments((size_t)r);
}

static void answer(int fd, int wstat)
{
  char packed[AGENT_ANSWER];
  uint32_pack(packed, (uint32_t)wstat);
  if (send(fd, packed, sizeof packed, MSG_NOSIGNAL) != sizeof packed) _exit(AGENT_GOES);
}

/* ---- one delivery ---- */

/* If the agent is killed, its delivery is reported as crashed; then it shall not be made all the same. */
static void share_fate(pid_t agent)
{
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != agent) _exit(AGENT_GOES);
}

static void arrange(int message, int output)
{
  if (dup2(message, 0) == -1 || dup2(output, 1) == -1 || dup2(output, 2) == -1) _exit(AGENT_GOES);
}

/* What the sender of the next message reads from is his own business. */
static void let_go(void)
{
  static int nothing = -1;
  if (nothing == -1) nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing == -1) _exit(AGENT_GOES);
  arrange(nothing, nothing);
}

static void receive(int const passed[PASSED])
{
  arrange(passed[MESSAGE], passed[OUTPUT]);
  close(passed[MESSAGE]);
  close(passed[OUTPUT]);
}

static int outcome_of(pid_t pid)
{
  int wstat;
  while (waitpid(pid, &wstat, 0) == -1)
    if (errno != EINTR) _exit(AGENT_GOES);
  return wstat;
}

static pid_t child(int fd)
{
  pid_t agent = getpid(), pid = fork();
  if (pid) return pid;
  share_fate(agent);
  close(fd);
  return 0;
}

/* Without a child there is no delivery: for the spawner that is a program that ended with trouble of this machine. */
static int outcome_of_child(pid_t pid)
{
  return pid == -1 ? W_EXITCODE(AGENT_GOES, 0) : outcome_of(pid);
}

/* ---- one delivery after the other, each in a child ---- */

static void settle(int fd, pid_t pid, struct agent_keeper const *keeper)
{
  int wstat = outcome_of_child(pid);
  if (keeper) keeper->after();
  answer(fd, wstat);
}

/* Until there is a request, or the spawner is done with us. */
static void wait_for_request(int fd, struct agent_keeper const *keeper)
{
  for (;;) {
    int kept = keeper ? keeper->watched() : -1;
    struct pollfd x[2] = { { .fd = fd, .events = POLLIN }, { .fd = kept, .events = POLLIN } };
    if (poll(x, 2, -1) == -1) continue;
    if (keeper && x[1].revents) keeper->lost();
    if (x[0].revents) return;
  }
}

static _Noreturn void go(struct agent_keeper const *keeper)
{
  if (keeper) keeper->end();
  _exit(AGENT_GOES);
}

static int count_arguments(void)
{
  int n = 0;
  while (arguments[n]) n++;
  return n;
}

void agent_serve(int *argc, char const *const **argv, struct agent_keeper const *keeper)
{
  int passed[PASSED], fd = offered();
  if (fd == -1) return;
  if (keeper) keeper->begin();
  pid_t pid = child(fd);
  if (!pid) return;
  let_go();
  settle(fd, pid, keeper);
  arguments[0] = **argv;
  for (;;) {
    wait_for_request(fd, keeper);
    if (!take(fd, passed)) go(keeper);
    pid = child(fd);
    if (!pid) break;
    close(passed[MESSAGE]);
    close(passed[OUTPUT]);
    settle(fd, pid, keeper);
  }
  receive(passed);
  *argv = arguments;
  *argc = count_arguments();
}

/* ---- one delivery after the other, in the agent itself ---- */

static int within = -1;       /* to the spawner, while this process is an agent of that kind */
static int delivered;         /* the wait status of the delivery */

bool agent_leave_to_child(void)
{
  if (within == -1) return false;
  pid_t pid = child(within);
  if (!pid) {
    within = -1;
    return false;
  }
  delivered = outcome_of_child(pid);
  return true;
}

void agent_deliver(int argc, char const *const *argv, void (*deliver)(int argc, char const *const *argv))
{
  int passed[PASSED];
  within = offered();
  for (arguments[0] = *argv;; receive(passed), argv = arguments, argc = count_arguments()) {
    delivered = 0;
    deliver(argc, argv);
    if (within == -1) return;
    let_go();
    answer(within, delivered);
    if (!take(within, passed)) _exit(AGENT_GOES);
  }
}
