#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "die.h"
#include "lock.h"
#include "monotonic.h"
#include "queue_path.h"
#include "rights.h"
#include "verb_ask.h"
#include "verb_files.h"

enum {
  REACH_SECONDS = 30,         /* qmail-send may be starting, or waiting for its last deliveries */
  ANSWER_MS = 120000,
  DEATHS_MAX = 5              /* of qmail-send, or of our connection, over one request */
};

static int fd = -1;           /* the connection */
static bool stopped;          /* the mutex is ours */

/* ---- reaching somebody ---- */

/* By the rights of the caller, whose uid the log is to name. */
static bool connected(void)
{
  struct sockaddr_un const name = { .sun_family = AF_UNIX, .sun_path = QUEUE_CONTROL_SOCKET };
  fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd == -1) strerr_diefusys(111, "make a socket");
  rights_take(AS_CALLER);
  bool ok = connect(fd, (struct sockaddr const *)&name, sizeof name) == 0;
  rights_take(AS_SEND);
  if (ok) return true;
  close(fd);
  fd = -1;
  return false;
}

static bool locked(void)
{
  int mutex = open(QUEUE_SENDMUTEX, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (mutex == -1) strerr_diefusys(111, "open ", QUEUE_SENDMUTEX);
  if (lock_try(mutex)) return true;
  if (errno != EWOULDBLOCK) strerr_diefusys(111, "lock ", QUEUE_SENDMUTEX);
  close(mutex);
  return false;
}

static void reach(void)
{
  time_t end = monotonic_seconds() + REACH_SECONDS;
  while (!connected() && !(stopped = locked())) {
    if (monotonic_seconds() >= end) strerr_dief(111, "qmail-send has the queue but does not listen: is it stopping?");
    nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, 0);
  }
}

/* ---- asking qmail-send ---- */

static bool say(stralloc const *request)
{
  for (size_t at = 0; at < request->len;) {
    ssize_t n = send(fd, request->s + at, request->len - at, MSG_NOSIGNAL);
    if (n == -1 && errno != EINTR) return false;
    if (n > 0) at += (size_t)n;
  }
  return true;
}

static bool hear(struct verb_answer *a)
{
  char text[VERB_ANSWER_MAX];
  size_t len = 0;
  long n;
  while (!(n = verb_answer_unpack(a, text, len))) {
    struct pollfd x = { .fd = fd, .events = POLLIN };
    int r = poll(&x, 1, ANSWER_MS);
    if (r == 0) strerr_dief(111, "no answer from qmail-send");
    ssize_t got = r == 1 ? recv(fd, text + len, sizeof text - len, 0) : -1;
    if (got == 0 || (got == -1 && errno != EINTR)) return false;
    if (got > 0) len += (size_t)got;
  }
  return n > 0;
}

static bool exchange(struct verb_request const *r, struct verb_answer *a)
{
  static stralloc request = STRALLOC_ZERO;
  request.len = 0;
  if (!verb_request_pack(&request, r)) {
    if (errno == EMSGSIZE) strerr_dief(100, "patterns and text are too long together");
    die_nomem();
  }
  if (say(&request) && hear(a)) return true;
  close(fd);
  fd = -1;
  return false;
}

bool verb_look(struct verb_request const *r, struct verb_answer *a)
{
  static bool nobody;
  nobody = nobody || (fd == -1 && !connected());
  return !nobody && exchange(r, a) && a->result == VERB_DONE;
}

struct verb_answer verb_ask(struct verb_request const *r)
{
  struct verb_answer a;
  for (int deaths = 0; deaths < DEATHS_MAX; deaths++) {
    if (fd == -1 && !stopped) reach();
    if (stopped) return verb_files_do(r);
    if (!exchange(r, &a)) continue;
    errno = 0;
    return a;
  }
  strerr_dief(111, "qmail-send hangs up again and again");
}
