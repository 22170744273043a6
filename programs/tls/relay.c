#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "relay.h"

enum {
  PIECE = 16384,                /* bytes of a TLS record */
  FAREWELL_MS = 120000,         /* for a network to take what a program wrote before it ended */
  LINGER_MS = 2000              /* and for the other end to close, which we must not do first over what it sent */
};

/* One direction: bytes that were read and are not all written. */
struct flow {
  bool is_open;                 /* more may come */
  size_t begin, end;
  char bytes[PIECE];
};

struct relay {
  SSL *ssl;
  int network, plain;
  struct flow in, out;          /* from the network, to it */
  bool broken;                  /* TLS has failed: nothing goes either way */
  bool deaf;                    /* the program reads no more, or has been told that nothing comes */
  bool gone;                    /* it has closed; what it wrote before may still be there */
  bool said_end;                /* close_notify */
  short network_wants, plain_wants;     /* events to wait for */
  int64_t farewell;             /* when that is over; 0: the program has not closed */
};

static bool is_empty(struct flow const *f) { return f->begin == f->end; }

/* What a call of the library that did not succeed is waiting for; without that there is no more TLS. */
static void wants(struct relay *r, int result)
{
  switch (SSL_get_error(r->ssl, result)) {
  case SSL_ERROR_WANT_READ: r->network_wants |= POLLIN; break;
  case SSL_ERROR_WANT_WRITE: r->network_wants |= POLLOUT; break;
  case SSL_ERROR_ZERO_RETURN: r->in.is_open = false; break;
  default: r->broken = true;
  }
}

static void fill(struct flow *f, long n)
{
  f->begin = 0;
  f->end = (size_t)n;
}

/* An end without close_notify is an end all the same: SMTP and POP3 tell by themselves what is whole. */
static bool read_network(struct relay *r)
{
  if (!r->in.is_open || r->broken || !is_empty(&r->in)) return false;
  ERR_clear_error();
  int n = SSL_read(r->ssl, r->in.bytes, PIECE);
  if (n > 0) fill(&r->in, n);
  else wants(r, n);
  return n > 0 || !r->in.is_open;
}

static bool write_network(struct relay *r)
{
  if (is_empty(&r->out) || r->broken) return false;
  ERR_clear_error();
  int n = SSL_write(r->ssl, r->out.bytes + r->out.begin, (int)(r->out.end - r->out.begin));
  if (n > 0) r->out.begin += (size_t)n;
  else wants(r, n);
  return n > 0;
}

/* No error here: what the program had to say has been said. */
static bool say_end(struct relay *r)
{
  if (r->out.is_open || !is_empty(&r->out) || r->said_end || r->broken) return false;
  ERR_clear_error();
  int n = SSL_shutdown(r->ssl);
  if (n < 0 && SSL_get_error(r->ssl, n) == SSL_ERROR_WANT_WRITE) return r->network_wants |= POLLOUT, false;
  shutdown(r->network, SHUT_WR);
  return r->said_end = true;
}

static bool read_plain(struct relay *r)
{
  if (!r->out.is_open || !is_empty(&r->out)) return false;
  ssize_t n = recv(r->plain, r->out.bytes, PIECE, MSG_DONTWAIT);
  if (n > 0) fill(&r->out, n);
  else if (n == -1 && (errno == EAGAIN || errno == EINTR)) r->plain_wants |= POLLIN;
  else r->out.is_open = false;
  return n > 0 || !r->out.is_open;
}

static bool write_plain(struct relay *r)
{
  if (is_empty(&r->in) || r->deaf) return false;
  ssize_t n = send(r->plain, r->in.bytes + r->in.begin, r->in.end - r->in.begin, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n > 0) r->in.begin += (size_t)n;
  else if (n == -1 && (errno == EAGAIN || errno == EINTR)) r->plain_wants |= POLLOUT;
  else r->deaf = true;
  return n > 0;
}

/* The program is told, when it has all that came before. */
static bool end_plain(struct relay *r)
{
  bool over = r->broken || !r->in.is_open;
  if (!over || !is_empty(&r->in) || r->deaf) return false;
  shutdown(r->plain, SHUT_WR);
  return r->deaf = true;
}

/* Poll tells of a closed descriptor whether one asks or not: it is asked about no more. */
static int fd_if(bool wanted, int fd)
{
  return wanted ? fd : -1;
}

/* Milliseconds; -1: for ever. A client that takes a byte now and then must not keep its place when no program stands behind it
   any more. */
static int patience(struct relay *r)
{
  if (!r->gone) return r->out.is_open ? -1 : FAREWELL_MS;
  int64_t now = monotonic_ms();
  if (!r->farewell) r->farewell = now + FAREWELL_MS;
  return r->farewell > now ? (int)(r->farewell - now) : 0;
}

/* False when nothing moves after the program's end, or not in time. */
static bool wait_for(struct relay *r)
{
  struct pollfd x[] = {
    { .fd = fd_if(r->network_wants, r->network), .events = r->network_wants },
    { .fd = fd_if(!r->gone, r->plain), .events = r->plain_wants }
  };
  int ms = patience(r);
  int n = ms ? poll(x, 2, ms) : 0;
  if (n == -1) return errno == EINTR;
  if (x[1].revents & (POLLHUP | POLLERR)) r->gone = r->deaf = true;
  return n > 0;
}

static bool is_over(struct relay const *r)
{
  if (r->broken) return r->deaf;
  return r->said_end && (r->deaf || !r->in.is_open);
}

static void linger(int network)
{
  char rest[512];
  int64_t end = monotonic_ms() + LINGER_MS;
  for (int64_t left; (left = end - monotonic_ms()) > 0;) {
    struct pollfd x = { .fd = network, .events = POLLIN };
    if (poll(&x, 1, (int)left) != 1 || recv(network, rest, sizeof rest, MSG_DONTWAIT) <= 0) return;
  }
}

void relay(SSL *ssl, int network, int plain)
{
  static struct relay r;
  r = (struct relay){ .ssl = ssl, .network = network, .plain = plain, .in = { .is_open = true }, .out = { .is_open = true } };
  while (!is_over(&r)) {
    r.network_wants = r.plain_wants = 0;
    bool moved = read_network(&r);
    moved = write_plain(&r) || moved;
    moved = end_plain(&r) || moved;
    moved = read_plain(&r) || moved;
    moved = write_network(&r) || moved;
    moved = say_end(&r) || moved;
    if (!moved && !is_over(&r) && !wait_for(&r)) break;
  }
  if (!r.broken) linger(network);
}
