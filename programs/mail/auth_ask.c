#include <string.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "auth_ask.h"
#include "home.h"
#include "monotonic.h"
#include "service.h"

bool auth_ask_is_possible(void)
{
  return access(HOME "/" AUTH_PLACE, F_OK) == 0;
}

static bool hear(struct auth_heard *heard, int fd, int64_t deadline)
{
  size_t len = 0;
  for (;;) {
    long n = auth_answer_unpack(&heard->answer, heard->bytes, len);
    if (n) return n > 0;
    if (!service_comes(fd, deadline) || !service_take(fd, heard->bytes, sizeof heard->bytes, &len)) return false;
  }
}

static bool exchange(struct auth_heard *heard, struct auth_question const *q, unsigned ms)
{
  char question[AUTH_QUESTION_MAX];
  int64_t deadline = monotonic_ms() + ms;
  size_t len = auth_question_pack(question, q);
  int fd = len ? service_call(auth_is_quick(q->verb) ? HOME "/" AUTH_QUICK : HOME "/" AUTH_SOCKET, ms) : -1;
  bool heard_it = fd != -1 && service_say(fd, question, len) && hear(heard, fd, deadline);
  explicit_bzero(question, len);
  if (fd != -1) fd_close(fd);
  return heard_it;
}

enum auth_said auth_ask(struct auth_heard *heard, struct auth_question const *q, unsigned ms)
{
  if (!exchange(heard, q, ms)) heard->answer = (struct auth_answer){ .said = AUTH_TROUBLE };
  return heard->answer.said;
}
