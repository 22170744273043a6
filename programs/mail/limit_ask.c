#include <errno.h>

#include <skalibs/djbunix.h>

#include "home.h"
#include "limit_ask.h"
#include "monotonic.h"
#include "service.h"

static bool say(int fd, struct limit_question const *q)
{
  char question[LIMIT_QUESTION_MAX];
  size_t len = limit_question_pack(question, q);
  if (!len) errno = EMSGSIZE;
  return len && service_say(fd, question, len);
}

static bool hear(struct limit_heard *heard, int fd, int64_t deadline)
{
  size_t len = 0;
  while (errno = ETIMEDOUT, service_comes(fd, deadline)) {
    errno = ECONNRESET;
    if (!service_take(fd, heard->bytes, sizeof heard->bytes, &len)) return false;
    long n = limit_answer_unpack(&heard->answer, heard->bytes, len);
    if (n) return errno = EPROTO, n > 0;
  }
  return false;
}

bool limit_ask(int *fd, struct limit_heard *heard, struct limit_question const *q, unsigned ms)
{
  int64_t deadline = monotonic_ms() + ms;
  if (*fd == -1) *fd = service_call(HOME "/" LIMIT_SOCKET, ms);
  if (*fd == -1) return false;
  if (say(*fd, q) && hear(heard, *fd, deadline)) return true;
  int e = errno;
  fd_close(*fd);
  *fd = -1;
  errno = e;
  return false;
}

void limit_tell(int fd, struct limit_question const *q)
{
  say(fd, q);
}
