#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "net.h"

enum { LONGEST = 2000000 };       /* seconds that fit into poll's milliseconds */

void net_init(struct net *n, int in, int out, unsigned timeout, unsigned session_seconds,
              void (*lost)(struct net *, enum net_loss))
{
  n->in = in;
  n->out = out;
  n->timeout = timeout ? timeout : 1;
  n->session_end = session_seconds ? monotonic_seconds() + (time_t)session_seconds : 0;
  n->allowed_until = 0;
  n->lost = lost;
  n->overhears = 0;
  n->read_max = sizeof n->input;
  n->rest_is_for_another = false;
  n->begin = n->end = n->used = 0;
}

void net_forget(struct net *n)
{
  n->begin = n->end = n->used = 0;
}

/* Seconds that are left of the session; NET_SESSION_OVER is told here. */
static time_t session_left(struct net *n)
{
  if (!n->session_end) return LONGEST;
  time_t left = n->session_end - monotonic_seconds();
  if (left <= 0) n->lost(n, NET_SESSION_OVER);
  return left;
}

void net_allow(struct net *n, unsigned seconds)
{
  n->allowed_until = monotonic_ms() + 1000 * (long long)seconds;
}

/* Milliseconds that are left of what is allowed; NET_TIMEOUT is told here. */
static long long allowance_left(struct net *n)
{
  if (!n->allowed_until) return LONGEST * 1000LL;
  long long left = n->allowed_until - monotonic_ms();
  if (left <= 0) n->lost(n, NET_TIMEOUT);
  return left;
}

/* Milliseconds until the next deadline, and which it is. */
static int patience(struct net *n, enum net_loss *at_end)
{
  long long session = session_left(n) * 1000LL, allowance = allowance_left(n);
  long long wait = 1000LL * (n->timeout < LONGEST ? n->timeout : LONGEST);
  if (allowance < wait) wait = allowance;
  *at_end = session < wait ? NET_SESSION_OVER : NET_TIMEOUT;
  return (int)(session < wait ? session : wait);
}

static void wait_for(struct net *n, int fd, short events)
{
  enum net_loss at_end;
  struct pollfd x = { .fd = fd, .events = events };
  for (;;) {
    int r = poll(&x, 1, patience(n, &at_end));
    if (r > 0) return;
    if (r == 0) n->lost(n, at_end);
    if (r == -1 && errno != EINTR) n->lost(n, NET_ERROR);
  }
}

/* Never waits: what does not fit now comes after the next poll. */
static ssize_t send_some(int fd, char const *s, size_t len)
{
  ssize_t r = send(fd, s, len, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (r != -1 || errno != ENOTSOCK) return r;
  struct pollfd x = { .fd = fd, .events = POLLOUT };
  errno = EAGAIN;
  return poll(&x, 1, 0) == 1 ? write(fd, s, len) : -1;
}

void net_flush(struct net *n)
{
  for (size_t sent = 0; sent < n->used;) {
    session_left(n);
    ssize_t r = send_some(n->out, n->output + sent, n->used - sent);
    if (r > 0) sent += (size_t)r;
    else if (r == 0 || errno == EAGAIN) wait_for(n, n->out, POLLOUT);
    else if (errno != EINTR) n->lost(n, NET_ERROR);
  }
  n->used = 0;
}

/* A peer that closed does not wait. */
void net_pause(struct net *n, unsigned seconds)
{
  enum net_loss at_end;
  struct pollfd x = { .fd = n->in, .events = POLLRDHUP };
  unsigned usual = n->timeout;
  if (!seconds) return;
  net_flush(n);
  n->timeout = seconds;
  int r = poll(&x, 1, patience(n, &at_end));
  n->timeout = usual;
  if (r > 0 && x.revents & POLLRDHUP) n->lost(n, NET_EOF);
  if (r == 0 && at_end == NET_SESSION_OVER) n->lost(n, NET_SESSION_OVER);
}

/* How many bytes may be taken now. A socket shows where the line ends; anything else is read byte by byte. */
static size_t takeable(struct net *n)
{
  if (!n->rest_is_for_another) return n->read_max;
  ssize_t seen = recv(n->in, n->input, n->read_max, MSG_PEEK | MSG_DONTWAIT);
  if (seen <= 0) return 1;
  char const *lf = memchr(n->input, '\n', (size_t)seen);
  return lf ? (size_t)(lf - n->input) + 1 : (size_t)seen;
}

void net_fill(struct net *n)
{
  net_flush(n);
  for (;;) {
    wait_for(n, n->in, POLLIN);
    ssize_t r = read(n->in, n->input, takeable(n));
    if (r > 0) {
      n->begin = 0;
      n->end = (size_t)r;
      return;
    }
    if (r == 0) n->lost(n, NET_EOF);
    else if (errno != EINTR && errno != EAGAIN) n->lost(n, NET_ERROR);
  }
}

enum net_line net_line(struct net *n, char *line, size_t max, size_t *len, bool *bare_lf)
{
  /* A CR waits for the byte behind it: only then it is known to belong to the line. */
  size_t got = 0, all = 0;
  bool cr = false;
  for (char c; (c = net_getc(n)) != '\n'; cr = c == '\r') {
    if (cr && all++ < max) line[got++] = '\r';
    if (c != '\r' && all++ < max) line[got++] = c;
  }
  if (n->overhears) n->overhears(NET_HEARD_LINE, line, got);
  *bare_lf = !cr;
  *len = got;
  return all > max ? NET_TOO_LONG : NET_LINE;
}

void net_pass(struct net *n, size_t len)
{
  if (n->overhears) n->overhears(NET_HEARD, n->input + n->begin, len);
  n->begin += len;
}

void net_put(struct net *n, char const *s, size_t len)
{
  if (n->overhears) n->overhears(NET_SAID, s, len);
  while (len) {
    if (n->used == sizeof n->output) net_flush(n);
    size_t room = sizeof n->output - n->used;
    if (room > len) room = len;
    memcpy(n->output + n->used, s, room);
    n->used += room;
    s += room;
    len -= room;
  }
}

void net_puts(struct net *n, char const *s)
{
  net_put(n, s, strlen(s));
}
