#include <errno.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "home.h"
#include "monotonic.h"
#include "service.h"
#include "turn_ask.h"
#include "two_descriptors.h"

enum { CALL_MS = 5000, ANSWER_MS = 30000 };

static enum turn_said hear(int fd)
{
  enum turn_said said;
  char byte;
  bool heard = service_receive(fd, &byte, 1, monotonic_ms() + ANSWER_MS) == SERVICE_RECEIVED && turn_said_read(&said, byte);
  return heard ? said : TURN_TROUBLE;
}

enum turn_said turn_ask(struct turn const *t, int in, int out, int *control)
{
  char question[TURN_QUESTION_MAX];
  enum turn_said said = TURN_TROUBLE;
  size_t len = turn_question_pack(question, t);
  int fd = len ? service_call(HOME "/" TURN_SOCKET, CALL_MS) : -1;
  if (fd == -1) return TURN_TROUBLE;
  if (two_descriptors_send(fd, question, len, (int const []){ in, out })) said = hear(fd);
  if (said == TURN_GO) *control = fd;
  else fd_close(fd);
  return said;
}

void turn_wait(int control)
{
  char byte;
  for (ssize_t r = 1; r > 0 || (r == -1 && errno == EINTR);) r = read(control, &byte, 1);
  fd_close(control);
}
