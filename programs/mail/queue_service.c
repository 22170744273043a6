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
#include "two_descriptors.h"

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

/* As much as there is room for now. False when it is clear that nobody will read it. */
static bool send_some(int fd, struct iovec v[2])
{
  ssize_t r;
  do r = sendmsg(fd, &(struct msghdr){ .msg_iov = v, .msg_iovlen = 2 }, MSG_NOSIGNAL); while (r == -1 && errno == EINTR);
  if (r > 0) forward(v, (size_t)r);
  return r > 0 || (r == -1 && errno == EAGAIN);
}

static bool is_sent(struct iovec const v[2])
{
  return !(v[0].iov_len + v[1].iov_len);
}

/* False means that something is still here, so that the other side cannot have it all. */
static bool send_rest(int fd, struct iovec v[2])
{
  while (!is_sent(v))
    if (!ready(fd, POLLOUT, SEND_MS) || !send_some(fd, v)) return false;
  return true;
}

/* A worker whose hello comes after the shutdown sees it fail and reads nothing; one whose hello came just before has
   begun. */
static bool is_withdrawn(int fd)
{
  char hello[QUEUE_HELLO];
  uint64_t number;
  shutdown(fd, SHUT_RD);
  return recv(fd, hello, sizeof hello, 0) != sizeof hello || !queue_hello_unpack(&number, hello) || !number;
}

/* A worker that comes finds the request there, mostly all of it. */
static int exchange(int fd, struct iovec v[2], unsigned long *qp)
{
  unsigned char answer;
  if (!send_some(fd, v)) return QUEUE_NOT_TAKEN;
  if (!hear_hello(fd, qp)) return is_withdrawn(fd) || !is_sent(v) ? QUEUE_NOT_TAKEN : QUEUE_UNCERTAIN;
  if (!send_rest(fd, v)) return QUEUE_NOT_TAKEN;
  return receive(fd, (char *)&answer, 1, -1) ? answer : QUEUE_UNCERTAIN;
}

int queue_service_send(char const *s, size_t message_len, size_t envelope_len, unsigned long *qp)
{
  char lengths[QUEUE_REQUEST];
  struct iovec v[2] = {
    { .iov_base = lengths, .iov_len = sizeof lengths }, { .iov_base = (char *)s, .iov_len = message_len + envelope_len }
  };
  int fd = connected();
  if (fd == -1) return QUEUE_NOT_TAKEN;
  queue_request_pack(lengths, &(struct queue_request){ (uint32_t)message_len, (uint32_t)envelope_len });
  int result = exchange(fd, v, qp);
  fd_close(fd);
  return result;
}

/* ---- a stream ---- */

int queue_service_stream(int message_fd, int envelope_fd, unsigned long *qp)
{
  char request[QUEUE_REQUEST];
  int fd = connected();
  if (fd == -1) return -1;
  queue_request_pack(request, &(struct queue_request){ QUEUE_STREAM, QUEUE_STREAM });
  if (send(fd, request, sizeof request, MSG_NOSIGNAL) == sizeof request
      && two_descriptors_send(fd, "", 1, (int const []){ message_fd, envelope_fd }) && hear_hello(fd, qp)
      && ndelay_off(fd) == 0) return fd;
  fd_close(fd);
  return -1;
}
