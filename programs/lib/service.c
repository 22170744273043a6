#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "monotonic.h"
#include "service.h"

static bool made(struct service const *s, int fd, char const *path)
{
  struct sockaddr_un name = { .sun_family = AF_UNIX };
  bool owned = s->owner != (uid_t)-1 || s->group != (gid_t)-1;
  snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
  unlink(path);
  return bind(fd, (struct sockaddr const *)&name, sizeof name) == 0
      && (!owned || lchown(path, s->owner, s->group) == 0)
      && chmod(path, s->mode) == 0
      && listen(fd, s->waiting) == 0
      && rename(path, s->path) == 0;
}

int service_listen(struct service const *s, int flags)
{
  char path[sizeof ((struct sockaddr_un *)0)->sun_path];
  int n = snprintf(path, sizeof path, "%s.new", s->path);
  if (n < 0 || (size_t)n >= sizeof path) return errno = ENAMETOOLONG, -1;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (fd == -1 || made(s, fd, path)) return fd;
  int e = errno;
  unlink(path);
  fd_close(fd);
  errno = e;
  return -1;
}

void service_end(struct service const *s, int listener)
{
  unlink(s->path);
  fd_close(listener);
}

static bool called(int fd, char const *path, unsigned ms)
{
  struct timeval const patience = { .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000 };
  struct sockaddr_un name = { .sun_family = AF_UNIX };
  if (strlen(path) >= sizeof name.sun_path) return errno = ENAMETOOLONG, false;
  memcpy(name.sun_path, path, strlen(path));
  if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == -1) return false;
  int r;
  do r = connect(fd, (struct sockaddr const *)&name, sizeof name); while (r == -1 && errno == EINTR);
  return r == 0;
}

int service_call(char const *path, unsigned ms)
{
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd == -1 || called(fd, path, ms)) return fd;
  int e = errno;
  fd_close(fd);
  errno = e;
  return -1;
}

bool service_peer(int fd, uid_t *uid)
{
  struct ucred peer;
  socklen_t len = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1) return false;
  *uid = peer.uid;
  return true;
}

bool service_take(int fd, char *bytes, size_t size, size_t *len)
{
  ssize_t n = recv(fd, bytes + *len, size - *len, MSG_DONTWAIT);
  if (n > 0) *len += (size_t)n;
  return n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR));
}

bool service_comes(int fd, int64_t deadline)
{
  int64_t left = deadline - monotonic_ms();
  struct pollfd x = { .fd = fd, .events = POLLIN };
  return left > 0 && poll(&x, 1, (int)left) != 0;
}

/* Where all is there already nobody asks for the time. */
enum service_result service_receive(int fd, char *to, size_t len, int64_t deadline)
{
  for (size_t have = 0; have < len;) {
    if (!service_take(fd, to, len, &have)) return SERVICE_GONE;
    if (have < len && !service_comes(fd, deadline)) return SERVICE_LATE;
  }
  return SERVICE_RECEIVED;
}

bool service_receive_line(int fd, char *to, size_t size, size_t *len, int ms)
{
  int64_t deadline = monotonic_ms() + ms;
  *len = 0;
  while (service_comes(fd, deadline) && service_take(fd, to, size, len))
    if (*len && to[*len - 1] == '\n') {
      --*len;
      return true;
    }
  return false;
}

bool service_send(int fd, char const *s, size_t len, int64_t deadline)
{
  while (len) {
    ssize_t const n = send(fd, s, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n == -1 && errno != EAGAIN && errno != EINTR) return false;
    if (n > 0) s += n, len -= (size_t)n;
    int64_t const left = deadline - monotonic_ms();
    struct pollfd x = { .fd = fd, .events = POLLOUT };
    if (len && (left <= 0 || poll(&x, 1, (int)left) == 0)) return false;
  }
  return true;
}

bool service_say(int fd, char const *s, size_t len)
{
  return send(fd, s, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
}
