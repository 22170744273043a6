#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "literal.h"
#include "monotonic.h"
#include "nameset.h"
#include "qmqp_servers.h"

void qmqp_servers_read(struct qmqp_servers *s, char const *text, size_t len)
{
  struct nameset_line line;
  ip46 ip;
  s->count = 0;
  for (size_t at = 0; s->count < QMQP_SERVERS_MAX && nameset_line_next(&line, text, len, &at, false);) {
    struct qmqp_server *server = s->list + s->count;
    if (line.name_len >= sizeof server->name || !literal_number(&ip, line.name, line.name_len)) continue;
    memcpy(server->name, line.name, line.name_len);
    server->name[line.name_len] = 0;
    server->is_done = false;
    server->fd = -1;
    s->count++;
  }
}

static int start(char const *name)
{
  union { struct sockaddr any; struct sockaddr_in ip4; struct sockaddr_in6 ip6; } to = { .any.sa_family = AF_UNSPEC };
  ip46 ip;
  if (!literal_number(&ip, name, strlen(name))) return -1;
  if (ip.is6) to.ip6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(QMQP_PORT) };
  else to.ip4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(QMQP_PORT) };
  if (ip.is6) memcpy(&to.ip6.sin6_addr, ip.ip, 16);
  else memcpy(&to.ip4.sin_addr, ip.ip, 4);
  int fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd == -1 || connect(fd, &to.any, ip.is6 ? sizeof to.ip6 : sizeof to.ip4) == 0 || errno == EINPROGRESS) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

static void give_up(struct qmqp_server *server, int error)
{
  if (server->fd != -1) close(server->fd);
  server->fd = -1;
  server->is_done = true;
  errno = error;
}

static bool is_connected(struct qmqp_server *server)
{
  int error = 0;
  socklen_t len = sizeof error;
  if (getsockopt(server->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1) error = errno;
  if (error) give_up(server, error);
  return !error;
}

/* The next one that is neither under way nor done; whether there was one. */
static bool start_next(struct qmqp_servers *s)
{
  for (size_t i = 0; i < s->count; i++) {
    struct qmqp_server *server = s->list + i;
    if (server->is_done || server->fd != -1) continue;
    server->until = monotonic_ms() + QMQP_CONNECT_MS;
    server->fd = start(server->name);
    if (server->fd == -1) give_up(server, errno);
    else return true;
  }
  return false;
}

/* Who has answered first; null: nobody within the time, or one who refused. */
static struct qmqp_server *wait_for_one(struct qmqp_servers *s, int ms)
{
  struct pollfd x[QMQP_SERVERS_MAX];
  for (size_t i = 0; i < s->count; i++) x[i] = (struct pollfd){ .fd = s->list[i].fd, .events = POLLOUT };
  if (poll(x, (nfds_t)s->count, ms) <= 0) return 0;
  for (size_t i = 0; i < s->count; i++)
    if (x[i].revents && is_connected(s->list + i)) return s->list + i;
  return 0;
}

static size_t count_under_way(struct qmqp_servers *s)
{
  size_t n = 0;
  for (size_t i = 0; i < s->count; i++) {
    if (s->list[i].fd != -1 && monotonic_ms() >= s->list[i].until) give_up(s->list + i, ETIMEDOUT);
    n += s->list[i].fd != -1;
  }
  return n;
}

/* The others begin anew if they are needed. */
static struct qmqp_server *alone(struct qmqp_servers *s, struct qmqp_server *chosen)
{
  for (size_t i = 0; i < s->count; i++) {
    if (s->list + i == chosen || s->list[i].fd == -1) continue;
    close(s->list[i].fd);
    s->list[i].fd = -1;
  }
  return chosen;
}

struct qmqp_server *qmqp_servers_connect(struct qmqp_servers *s)
{
  while (start_next(s) || count_under_way(s)) {
    long long until = monotonic_ms() + QMQP_HEAD_START_MS;
    for (size_t n = count_under_way(s), before = n; n && n == before; n = count_under_way(s)) {
      long long ms = until - monotonic_ms();
      struct qmqp_server *one = ms > 0 ? wait_for_one(s, (int)ms) : 0;
      if (one) return alone(s, one);
      if (ms <= 0) break;
    }
  }
  return 0;
}
