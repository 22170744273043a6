#include <errno.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "address.h"
#include "monotonic.h"
#include "primary.h"
#include "service.h"

static bool is_sayable(char c)
{
  return c >= ' ' && c <= '~';
}

static bool is_of_domain(char c)
{
  return is_sayable(c) && !strchr(" <>\"\\", c);
}

bool primary_is_name(struct field address)
{
  size_t at = address_at(address.s, address.len), i = 0;
  if (address.len > PRIMARY_ADDRESS_MAX || at + 1 >= address.len) return false;
  while (i < at && is_sayable(address.s[i])) i++;
  for (i += i == at; i > at && i < address.len && is_of_domain(address.s[i]); i++) ;
  return i == address.len;
}

static bool is_answer(char said)
{
  return said && strchr("KNEHT", said);
}

static enum primary_said hear(int fd, struct field address, int64_t deadline)
{
  char question[PRIMARY_ADDRESS_MAX + 1], said;
  memcpy(question, address.s, address.len);
  question[address.len] = '\n';
  bool heard = service_say(fd, question, address.len + 1) && service_receive(fd, &said, 1, deadline) == SERVICE_RECEIVED;
  errno = heard ? 0 : ETIMEDOUT;
  return heard && is_answer(said) ? (enum primary_said)said : PRIMARY_UNTOLD;
}

enum primary_said primary_ask(struct field address, unsigned ms)
{
  int64_t deadline = monotonic_ms() + ms;
  errno = 0;
  if (!primary_is_name(address)) return PRIMARY_UNTOLD;
  int fd = service_call(PRIMARY_SOCKET, ms);
  if (fd == -1) return PRIMARY_UNTOLD;
  enum primary_said said = hear(fd, address, deadline);
  int e = errno;
  fd_close(fd);
  errno = e;
  return said;
}
