#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "monotonic.h"
#include "service.h"
#include "users_ask.h"

bool users_ask_is_possible(void)
{
  return access(USERS_PLACE, F_OK) == 0 || errno != ENOENT;
}

static char const *socket_of(enum users_verb verb)
{
  return verb == USERS_PASSWORD ? USERS_PASSWORD_SOCKET : USERS_SOCKET;
}

/* Where too many wait already, the kernel has us wait for a place among them, no longer than for sending. */
static bool connect_to(int fd, char const *path, unsigned ms)
{
  struct timeval const patience = { .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000 };
  struct sockaddr_un name = { .sun_family = AF_UNIX };
  memcpy(name.sun_path, path, strlen(path));
  if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == -1) return false;
  int r;
  do r = connect(fd, (struct sockaddr const *)&name, sizeof name); while (r == -1 && errno == EINTR);
  return r == 0;
}

static bool hear(struct users_heard *heard, int fd, int64_t deadline)
{
  size_t len = 0;
  for (;;) {
    long n = users_answer_unpack(&heard->answer, heard->bytes, len);
    if (n) return n > 0;
    if (!service_comes(fd, deadline) || !service_take(fd, heard->bytes, sizeof heard->bytes, &len)) return false;
  }
}

static bool exchange(struct users_heard *heard, int fd, struct users_question const *q, unsigned ms)
{
  char question[USERS_QUESTION_MAX];
  int64_t deadline = monotonic_ms() + ms;
  size_t len = users_question_pack(question, q);
  bool heard_it = len && connect_to(fd, socket_of(q->verb), ms) && service_say(fd, question, len)
    && hear(heard, fd, deadline);
  explicit_bzero(question, len);
  return heard_it;
}

enum users_said users_ask(struct users_heard *heard, struct users_question const *q, unsigned ms)
{
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd == -1 || !exchange(heard, fd, q, ms)) heard->answer = (struct users_answer){ .said = SAID_TROUBLE };
  if (fd != -1) fd_close(fd);
  return heard->answer.said;
}
