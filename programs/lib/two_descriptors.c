#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "two_descriptors.h"

enum { BOTH = 2 * sizeof (int) };

union space { struct cmsghdr head; char bytes[CMSG_SPACE(BOTH)]; };

bool two_descriptors_send(int fd, void const *bytes, size_t len, int const descriptors[2])
{
  union space control = { .bytes = { 0 } };
  struct iovec part = { .iov_base = (void *)bytes, .iov_len = len };
  struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes };
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(BOTH);
  memcpy(CMSG_DATA(c), descriptors, BOTH);
  return sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)len;
}

/* How many there are. */
static size_t came(struct msghdr *m, int descriptors[2])
{
  struct cmsghdr const *h = CMSG_FIRSTHDR(m);
  size_t const len = h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS ? h->cmsg_len - CMSG_LEN(0) : 0;
  if (len) memcpy(descriptors, CMSG_DATA(h), len < BOTH ? len : BOTH);
  return len / sizeof *descriptors;
}

size_t two_descriptors_take(int fd, void *to, size_t size, int descriptors[2])
{
  union space control = { .bytes = { 0 } };
  struct iovec part = { .iov_base = to, .iov_len = size };
  struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes };
  ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (n == -1) return 0;
  size_t count = came(&m, descriptors);
  if (n > 0 && count == 2 && !(m.msg_flags & MSG_CTRUNC)) return (size_t)n;
  for (size_t i = 0; i < count; i++) close(descriptors[i]);
  return 0;
}
