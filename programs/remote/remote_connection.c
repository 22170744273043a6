#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <skalibs/socket.h>
#include <skalibs/tai.h>

#include "remote_connection.h"

void connection_is_to(struct connection *c, ip46 const *ip, unsigned port)
{
  *c = (struct connection)CONNECTION_NONE;
  c->address = *ip;
  c->ip[ip46_fmt(c->ip, ip)] = 0;
  c->port = port;
}

static bool is_connected_in_time(int fd, ip46 const *ip, unsigned port, unsigned seconds)
{
  tain deadline;
  tain_now_g();
  tain_addsec_g(&deadline, (int)seconds);
  return socket_deadlineconnstamp46_g(fd, ip, (uint16_t)port, &deadline);
}

/* The port is chosen when it is known where to: it need not be free towards all others. */
static bool is_bound(int fd, ip46 const *source)
{
  int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  return socket_bind46(fd, source, 0) == 0;
}

static enum connection_result has_failed(int fd, enum connection_result how)
{
  int e = errno;
  close(fd);
  errno = e;
  return how;
}

enum connection_result connection_make(struct connection *c, ip46 const *source, ip46 const *ip, unsigned port, unsigned seconds)
{
  int on = 1;
  connection_is_to(c, ip, port);
  int fd = socket_tcp46_nbcoe(ip->is6);
  if (fd == -1) return errno == EAFNOSUPPORT ? CONNECTION_FAILED : CONNECTION_NO_RESOURCES;
  if (source && !is_bound(fd, source))
    return has_failed(fd, errno == EADDRNOTAVAIL ? CONNECTION_NOT_FROM_HERE : CONNECTION_NO_RESOURCES);
  if (!is_connected_in_time(fd, ip, port, seconds)) return has_failed(fd, CONNECTION_FAILED);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  c->in = c->out = fd;
  return CONNECTION_MADE;
}

static bool speaks_ip6 = true;

static bool is_seen_by_others(struct sockaddr const *address)
{
  if (!address || address->sa_family != AF_INET6) return false;
  struct in6_addr const *a = &((struct sockaddr_in6 const *)address)->sin6_addr;
  return !IN6_IS_ADDR_LOOPBACK(a) && !IN6_IS_ADDR_LINKLOCAL(a);
}

/* Who cannot tell takes it that it is spoken: then mail waits. */
void connection_look_around(void)
{
  struct ifaddrs *all;
  if (getifaddrs(&all) == -1) return;
  speaks_ip6 = false;
  for (struct ifaddrs const *i = all; i; i = i->ifa_next) speaks_ip6 |= is_seen_by_others(i->ifa_addr);
  freeifaddrs(all);
}

bool connection_has_a_way(ip46 const *ip)
{
  return !ip->is6 || speaks_ip6;
}

void connection_move(struct connection *to, struct connection *from)
{
  *to = *from;
  from->in = from->out = -1;
}

void connection_close(struct connection *c)
{
  if (c->in != -1) close(c->in);
  if (c->out != -1 && c->out != c->in) close(c->out);
  c->in = c->out = -1;
}

bool secrecy_suffices(struct secrecy const *has, struct secrecy const *asked)
{
  return has->encrypted >= asked->encrypted && has->proof >= asked->proof;
}
