#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "home.h"
#include "queue_service.h"
#include "queue_wire.h"

enum {
  HELLO_MS = 1000,      /* more than any queue of injectors needs; then qmail-queue does it */
  SEND_MS = 10000
};

bool queue_service_there(void)
{
  return access(HOME "/" QUEUE_SOCKET, F_OK) == 0;
}

/* Not blocking, so that a full list of waiting connections is a quick "no". */
static int connected(void)
{
  struct sockaddr_un const name = { .sun_family = AF_UNIX, .sun_path = HOME "/" QUEUE_SOCKET };
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd == -1 || connect(fd, (struct sockaddr const *)&name, sizeof name) == 0) return fd;
  fd_close(fd);
  return -1;
}

/* True when the socket is ready, at its end or broken: whoever tries will see. */
static bool ready(int fd, short events, int ms)
{
  struct pollfd x = { .fd = fd, .events = events };
  int r;
  do r = poll(&x, 1, ms); while (r == -1 && errno == EINTR);
  return r == 1;
}

static bool receive(int fd, char *to, size_t len, int ms)
{
  while (len) {
    if (!ready(fd, POLLIN, ms)) return false;
    ssize_t r = recv(fd, to, len, 0);
    if (r == 0 || (r == -1 && errno != EINTR && errno != EAGAIN)) return false;
    if (r > 0) {
      to += r;
      len -= (size_t)r;
    }
  }
  return true;
}

static bool hear_hello(int fd, unsigned long *qp)
{
  char hello[QUEUE_HELLO];
  uint64_t number;
  if (!receive(fd, hello, sizeof hello, HELLO_MS) || !queue_hello_unpack(&number, hello) || !number) return false;
  *qp = (unsigned long)number;
  return true;
}

static void forward(struct iovec *v, size_t n)
{
  for (int i = 0; i < 2; i++) {
    size_t piece = n < v[i].iov_len ? n : v[i].iov_len;
    v[i].iov_base = (char *)v[i].iov_base + piece;
    v[i].iov_len -= piece;
    n -= piece;
  }
}

/* Mostly one system call. False means that something is still here, so that the other side cannot have it all. */
static bool send_all(int fd, struct iovec v[2])
{
  while (v[0].iov_len + v[1].iov_len) {
    ssize_t r = sendmsg(fd, &(struct msghdr){ .msg_iov = v, .msg_iovlen = 2 }, MSG_NOSIGNAL);
    if (r == -1 && errno == EINTR) continue;
    if (r == -1 && (errno != EAGAIN || !ready(fd, POLLOUT, SEND_MS))) return false;
    if (r > 0) forward(v, (size_t)r);
  }
  return true;
}

static bool send_request(int fd, char const *s, size_t message_len, size_t envelope_len)
{
  char lengths[QUEUE_REQUEST];
  queue_request_pack(lengths, &(struct queue_request){ (uint32_t)message_len, (uint32_t)envelope_len });
  struct iovec v[2] = {
    { .iov_base = lengths, .iov_len = sizeof lengths }, { .iov_base = (char *)s, .iov_len = message_len + envelope_len }
  };
  return send_all(fd, v);
}

int queue_service_send(char const *s, size_t message_len, size_t envelope_len, unsigned long *qp)
{
  unsigned char answer;
  int result = QUEUE_NOT_TAKEN;
  int fd = connected();
  if (fd == -1) return result;
  if (hear_hello(fd, qp) && send_request(fd, s, message_len, envelope_len))
    result = receive(fd, (char *)&answer, 1, -1) ? answer : QUEUE_UNCERTAIN;
  fd_close(fd);
  return result;
}
