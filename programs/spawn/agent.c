#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/types.h>
#include <skalibs/uint32.h>

#include "agent.h"

/* An agent never ends with 0: nobody shall take its end for a delivery. */
enum { AGENT_GOES = 111 };

enum { MESSAGE, OUTPUT, PASSED };

enum { FIRST_FREE = 3 };      /* below are message and output */

static uint32_t commit_delay_us;   /* of the request in hand */
static bool is_asked = true;       /* whether the delivery in hand is light, and that was not told yet */
static bool keeps;                 /* message and output of the requests, which nobody else has */
static char bytes[AGENT_REQUEST_MAX];
static char const *arguments[AGENT_ARGS_MAX + 2];

/* ---- coming forward ---- */

/* The descriptor in an offer, if it is a socket whose other end our parent made; -1: none, or anybody's. Whatever becomes
   of the offer, no program of the delivery shall inherit it. */
static int parents_socket(char const *offer)
{
  struct ucred peer;
  socklen_t size = sizeof peer;
  char const *last = strrchr(offer, ':');
  unsigned fd;
  if (!last || !uint0_scan(last + 1, &fd) || fd < FIRST_FREE || fd > INT_MAX) return -1;
  if (getsockopt((int)fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1) return -1;
  if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) == -1) return -1;
  return peer.pid == getppid() && (peer.uid == 0 || peer.uid == getuid()) ? (int)fd : -1;
}

/* Whether this process runs the file the spawner executed. */
static bool is_for_us(char const *offer)
{
  struct stat st;
  char self[80];
  if (stat("/proc/self/exe", &st) == -1) return false;
  int len = snprintf(self, sizeof self, AGENT_VERSION ":%" PRIuMAX ":%" PRIuMAX ":", (uintmax_t)st.st_dev,
                     (uintmax_t)st.st_ino);
  return !strncmp(offer, self, (size_t)len);
}

static int come_forward(char const *offer)
{
  static char const here = AGENT_HERE;
  int fd = parents_socket(offer);
  if (fd == -1) return -1;
  if (is_for_us(offer) && send(fd, &here, 1, MSG_NOSIGNAL) == 1) return fd;
  close(fd);
  return -1;
}

static int offered(void)
{
  char const *offer = getenv(AGENT_VARIABLE);
  int fd = offer ? come_forward(offer) : -1;
  unsetenv(AGENT_VARIABLE);
  return fd;
}

/* ---- requests ---- */

static void arrange(int message, int output)
{
  if (dup2(message, 0) == -1 || dup2(output, 1) == -1 || dup2(output, 2) == -1) _exit(AGENT_GOES);
}

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

/* Without descriptors in the message those that are kept serve again. */
static bool take_passed(struct cmsghdr const *c)
{
  int passed[PASSED];
  if (!c) return keeps && lseek(0, 0, SEEK_SET) == 0;
  if (c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof passed)) return false;
  memcpy(passed, CMSG_DATA(c), sizeof passed);
  arrange(passed[MESSAGE], passed[OUTPUT]);
  close(passed[MESSAGE]);
  close(passed[OUTPUT]);
  return keeps = true;
}

static bool take(int fd)
{
  union { struct cmsghdr align; char space[CMSG_SPACE(sizeof(int) * PASSED)]; } control;
  char head[AGENT_HEAD];
  struct iovec v[2] = { { head, sizeof head }, { bytes, sizeof bytes } };
  struct msghdr m = { .msg_iov = v, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof control };
  ssize_t r;
  do r = recvmsg(fd, &m, MSG_CMSG_CLOEXEC); while (r == -1 && errno == EINTR);
  if (r <= AGENT_HEAD || m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) return false;
  uint32_unpack(head, &commit_delay_us);
  is_asked = head[AGENT_HEAD - 1] == AGENT_LIGHT;
  return take_passed(CMSG_FIRSTHDR(&m)) && cut_arguments((size_t)r - AGENT_HEAD);
}

static void answer(int fd, int wstat)
{
  char packed[AGENT_ANSWER];
  uint32_pack(packed, (uint32_t)wstat);
  packed[AGENT_ANSWER - 1] = keeps ? 'k' : '-';
  if (send(fd, packed, sizeof packed, MSG_NOSIGNAL) != sizeof packed) _exit(AGENT_GOES);
}

/* ---- one delivery ---- */

/* If the agent is killed, its delivery is reported as crashed; then it shall not be made all the same. */
static void share_fate(pid_t agent)
{
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != agent) _exit(AGENT_GOES);
}

/* Closes the message and, so that the spawner sees its end, the output. */
static void let_go(void)
{
  static int nothing = -1;
  if (nothing == -1) nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing == -1) _exit(AGENT_GOES);
  arrange(nothing, nothing);
}

/* Where the group of a delivery is told to end, its programs do, and its own process sees what became of them. */
static void outlive(int signal)
{
  (void)signal;
}

static pid_t volatile at_work;             /* the child, while it is not reaped; 0: it is being made */
static sig_atomic_t volatile told_to_end;

/* What comes before the child's number is known waits for it. */
static void pass_on(int signal)
{
  if (at_work) {
    kill(-at_work, told_to_end ? SIGKILL : signal);
    kill(-at_work, SIGCONT);
  }
  told_to_end = true;
}

/* The signal is taken care of before there is a child: it might have started a program before we go on, and were we killed
   then, that program would be in a group that nobody knows. */
static pid_t child(int fd)
{
  at_work = 0;
  told_to_end = false;
  signal(SIGTERM, pass_on);
  pid_t agent = getpid(), pid = fork();
  keeps = false;
  if (pid > 0) setpgid(pid, pid);
  if (pid == -1) signal(SIGTERM, SIG_DFL);
  if (pid) return pid;
  setpgid(0, 0);
  signal(SIGTERM, outlive);
  if (told_to_end) _exit(AGENT_GOES);
  share_fate(agent);
  close(fd);
  return 0;
}

/* A child that is not reaped keeps its number, so what is left of a group that was told to end is found by it. */
static int outcome_of(pid_t pid)
{
  siginfo_t who;
  int wstat;
  at_work = pid;
  if (told_to_end) kill(-pid, SIGTERM);
  while (waitid(P_PID, (id_t)pid, &who, WEXITED | WNOWAIT) == -1)
    if (errno != EINTR) _exit(AGENT_GOES);
  if (told_to_end) kill(-pid, SIGKILL);
  signal(SIGTERM, SIG_DFL);
  if (waitpid(pid, &wstat, 0) == -1) _exit(AGENT_GOES);
  return wstat;
}

/* ---- one after the other ---- */

static int within = -1;       /* to the spawner, while this process is an agent */
static int delivered;         /* the wait status of the delivery */
static jmp_buf over;

bool agent_stays(void)
{
  return within != -1;
}

void agent_deliver_next(void)
{
  if (within == -1) _exit(0);
  longjmp(over, 1);
}

uint32_t agent_take_commit_delay_us(void)
{
  uint32_t us = commit_delay_us;
  commit_delay_us = 0;
  return us;
}

/* Who does not hear it is gone, which the answer will find. */
void agent_is_light(void)
{
  static char const light = AGENT_LIGHT;
  if (within != -1 && is_asked) send(within, &light, 1, MSG_NOSIGNAL);
  is_asked = false;
}

/* Without a child there is no delivery: for the spawner that is a program that ended with trouble of this machine. */
bool agent_leave_to_child(void)
{
  if (within == -1) return false;
  pid_t pid = child(within);
  if (pid == 0) {
    within = -1;
    return false;
  }
  delivered = pid == -1 ? W_EXITCODE(AGENT_GOES, 0) : outcome_of(pid);
  return true;
}

/* Until there is a request, or the spawner is done with us. */
static void wait_for_request(struct agent_work const *work)
{
  for (;;) {
    int kept = work->watched ? work->watched() : -1;
    struct pollfd x[2] = { { .fd = within, .events = POLLIN }, { .fd = kept, .events = POLLIN } };
    if (kept == -1) return;
    if (poll(x, 2, -1) == -1) continue;
    if (x[1].revents) work->lost();
    if (x[0].revents) return;
  }
}

static _Noreturn void go(struct agent_work const *work)
{
  if (work->end) work->end();
  _exit(AGENT_GOES);
}

/* It holds on to no place: neither a descriptor nor where it stands keeps a file system from being unmounted. */
static void next_request(struct agent_work const *work)
{
  if (work->after) work->after();
  if (!keeps) let_go();
  if (chdir("/") == -1) _exit(AGENT_GOES);
  answer(within, delivered);
  wait_for_request(work);
  if (!take(within)) go(work);
  delivered = 0;
}

static int count_arguments(void)
{
  int n = 0;
  while (arguments[n]) n++;
  return n;
}

static void deliver(struct agent_work const *work, int argc, char const *const *argv)
{
  if (setjmp(over) == 0) work->deliver(argc, argv);
}

void agent_run(int argc, char const *const *argv, struct agent_work const *work)
{
  within = offered();
  arguments[0] = *argv;
  deliver(work, argc, argv);
  while (within != -1) {
    next_request(work);
    deliver(work, count_arguments(), arguments);
  }
}
