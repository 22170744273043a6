/* The PROXY header: what has come of it. It is complete once and for all; more bytes, or fewer, change nothing that was said.
   What is shown is an address and a port. */

#include "fuzz.h"

#include <arpa/inet.h>

#include "proxy.h"

static bool is_address(char const *s)
{
  unsigned char ip[16];
  return memchr(s, 0, PROXY_IP_MAX) && (inet_pton(AF_INET, s, ip) == 1 || inet_pton(AF_INET6, s, ip) == 1);
}

static bool is_port(char const *s)
{
  return memchr(s, 0, PROXY_PORT_MAX) && *s && strspn(s, "0123456789") == strlen(s) && atoi(s) < 65536;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct proxy p, at_its_end;
  char *copy = malloc(in.len);
  enum proxy_said said = PROXY_MORE;
  size_t len = 0;
  if (in.len) memcpy(copy, in.s, in.len);
  while (said == PROXY_MORE && len < in.len) said = proxy_read(&at_its_end, copy, ++len);
  if (said == PROXY_OWN || said == PROXY_CLIENT) {
    assert(at_its_end.len == len && proxy_read(&p, copy, in.len) == said && p.len == len);
    assert(!memcmp(&p, &at_its_end, sizeof p));
  }
  if (said == PROXY_CLIENT) assert(is_address(p.ip) && is_address(p.local_ip) && is_port(p.port) && is_port(p.local_port));
  if (said == PROXY_MORE) assert(len < PROXY_MAX);
  free(copy);
  return 0;
}
