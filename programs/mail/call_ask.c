#include <skalibs/djbunix.h>

#include "call_ask.h"
#include "home.h"
#include "monotonic.h"
#include "service.h"

static bool hear(enum call_said *said, uint32_t *messages, int fd, int64_t deadline)
{
  char answer[CALL_ANSWER_MAX];
  size_t len = 0;
  for (;;) {
    long n = call_answer_unpack(said, messages, answer, len);
    if (n) return n > 0;
    if (!service_comes(fd, deadline) || !service_take(fd, answer, sizeof answer, &len)) return false;
  }
}

enum call_said call_ask(struct call const *c, uint32_t *messages, unsigned ms)
{
  char request[CALL_REQUEST_MAX];
  enum call_said said;
  int64_t deadline = monotonic_ms() + ms;
  int fd = service_call(HOME "/" CALL_SOCKET, ms);
  bool heard = fd != -1 && service_say(fd, request, call_request_pack(request, c)) && hear(&said, messages, fd, deadline);
  if (fd != -1) fd_close(fd);
  return heard ? said : CALL_TROUBLE;
}
