#include <netinet/in.h>
#include <string.h>

#include "ends.h"

static char const mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (char)0xff, (char)0xff };

static bool end_of_address(struct end *e, struct sockaddr_storage const *address)
{
  if (address->ss_family == AF_INET) {
    struct sockaddr_in const *four = (struct sockaddr_in const *)address;
    ip46_from_ip4(&e->ip, (char const *)&four->sin_addr);
    e->port = ntohs(four->sin_port);
  } else if (address->ss_family == AF_INET6) {
    struct sockaddr_in6 const *six = (struct sockaddr_in6 const *)address;
    char const *bytes = (char const *)&six->sin6_addr;
    if (memcmp(bytes, mapped, sizeof mapped) == 0) ip46_from_ip4(&e->ip, bytes + sizeof mapped);
    else ip46_from_ip6(&e->ip, bytes);
    e->port = ntohs(six->sin6_port);
  } else return false;
  return true;
}

bool end_read(struct end *e, int fd, int (*name)(int, struct sockaddr *, socklen_t *))
{
  struct sockaddr_storage address;
  socklen_t len = sizeof address;
  return name(fd, (struct sockaddr *)&address, &len) == 0 && end_of_address(e, &address);
}
