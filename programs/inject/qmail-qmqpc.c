/* qmail-qmqpc: hand a message over to a host that queues it, by QMQP; in the place of qmail-queue.

   runs as   whoever calls, on a host without a queue of its own, or where QMAILQUEUE names it
   reads     the message on fd 0, then the envelope on fd 1, control/qmqpservers
   changes   nothing
   exits     0 queued there; else another code of queue_exit.h, for ever (31) only when a server said so
*/

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "bytes.h"
#include "control.h"
#include "home.h"
#include "netstring_length.h"
#include "queue_exit.h"
#include "qmqp_envelope.h"
#include "qmqp_servers.h"
#include "spool.h"

enum {
  IO_MS = 60000,                /* for each piece that goes, and each that comes */
  ENVELOPE_MAX = 32 << 20,      /* bytes: as many as qmail-qmqpd takes */
  ANSWER_MAX = 1000,            /* bytes that are shown of one */
  RULES_MS = 500,               /* for who does not let this host in to say so */
  RESET_MS = 1000               /* for the news that a server had not read all when it went away */
};

/* ---- what is to be sent ---- */

static struct spool spool;
static stralloc addresses = STRALLOC_ZERO;      /* netstrings */
static char head[2 * UINT64_FMT + 2];           /* the lengths of all and of the message, each with its colon */

static _Noreturn void die(int code, char const *why)
{
  strerr_warnwusys(why);
  _exit(code);
}

static void read_message(void)
{
  bool is_ours;
  spool_begin(&spool);
  if (!spool_read(&spool, 0, &is_ours)) die(is_ours ? QUEUE_EXIT_CANNOT_WRITE : QUEUE_EXIT_CANNOT_READ, "read the message");
}

static void slurp_envelope(stralloc *to)
{
  char piece[8192];
  for (ssize_t r; (r = read(1, piece, sizeof piece)) != 0;) {
    if (r == -1 && errno == EINTR) continue;
    if (r == -1) die(QUEUE_EXIT_CANNOT_READ, "read the envelope");
    if (to->len + (size_t)r > ENVELOPE_MAX) _exit(QUEUE_EXIT_TOO_LONG);
    if (!bytes_addb(to, piece, (size_t)r)) _exit(QUEUE_EXIT_NO_MEMORY);
  }
}

static void read_envelope(void)
{
  static int const codes[] = {
    [QMQP_ENVELOPE_WHOLE] = 0, [QMQP_ENVELOPE_SHORT] = QUEUE_EXIT_CANNOT_READ, [QMQP_ENVELOPE_MALFORMED] = QUEUE_EXIT_MALFORMED,
    [QMQP_ENVELOPE_TOO_LONG] = QUEUE_EXIT_TOO_LONG, [QMQP_ENVELOPE_NO_MEMORY] = QUEUE_EXIT_NO_MEMORY
  };
  stralloc text = STRALLOC_ZERO;
  slurp_envelope(&text);
  int code = codes[qmqp_envelope_take(&addresses, text.s, text.len)];
  if (code) _exit(code);
  stralloc_free(&text);
}

static void make_head(void)
{
  char length[UINT64_FMT + 1];
  size_t n = uint64_fmt(length, spool.size);
  length[n++] = ':';
  uint64_t all = n + spool.size + 1 + addresses.len;
  size_t at = uint64_fmt(head, all);
  head[at++] = ':';
  memcpy(head + at, length, n);
  head[at + n] = 0;
}

/* ---- one server ---- */

/* What has become of it there. */
enum { TRY_NEXT = -1 };         /* nothing, for now */

static int last_trouble = 0;    /* the exit code for the last server that was reached */

static bool wait_for(int fd, short events)
{
  struct pollfd x = { .fd = fd, .events = events };
  int r;
  do r = poll(&x, 1, IO_MS);
  while (r == -1 && errno == EINTR);
  if (r == 0) errno = ETIMEDOUT;
  return r == 1;
}

static bool say(int fd, char const *s, size_t len)
{
  while (len) {
    if (!wait_for(fd, POLLOUT)) return false;
    ssize_t r = send(fd, s, len, MSG_NOSIGNAL);
    if (r == -1 && errno != EAGAIN && errno != EINTR) return false;
    if (r > 0) s += r, len -= (size_t)r;
  }
  return true;
}

static bool say_message(int fd)
{
  char const *piece;
  for (uint64_t at = 0; at < spool.size;) {
    ssize_t r = spool_at(&spool, at, &piece);
    if (r <= 0) die(QUEUE_EXIT_CANNOT_READ, "read the message again");
    if (!say(fd, piece, (size_t)r)) return false;
    at += (uint64_t)r;
  }
  return true;
}

/* Without the last comma it is nothing, so until that is gone another server may have it. */
static bool say_all(int fd)
{
  return say(fd, head, strlen(head)) && say_message(fd) && say(fd, ",", 1) && say(fd, addresses.s, addresses.len) && say(fd, ",", 1);
}

static bool hear(int fd, char *c)
{
  ssize_t r;
  do {
    if (!wait_for(fd, POLLIN)) return false;
    r = recv(fd, c, 1, 0);
  } while (r == -1 && (errno == EAGAIN || errno == EINTR));
  if (r == 0) errno = 0;
  return r == 1;
}

/* The answer, cut and ended by a NUL. False when there is none, or it is no netstring. */
static bool hear_answer(int fd, char answer[ANSWER_MAX + 1])
{
  struct netstring_length n = { 0 };
  enum netstring_length_said said = NETSTRING_MORE;
  char c;
  errno = 0;
  while (said == NETSTRING_MORE) {
    if (!hear(fd, &c)) return false;
    said = netstring_length_take(&n, c);
  }
  if (said != NETSTRING_KNOWN || !n.bytes) return errno = EPROTO, false;
  size_t len = n.bytes < ANSWER_MAX ? n.bytes : ANSWER_MAX;
  for (size_t i = 0; i < len; i++)
    if (!hear(fd, answer + i)) return false;
  answer[len] = 0;
  return true;
}

static void clean(char *s)
{
  for (; *s; s++)
    if (*s < ' ' || *s > '~') *s = '?';
}

static int end_by_answer(char const *server, char *answer)
{
  clean(answer);
  switch (*answer) {
    case 'K': return QUEUE_EXIT_ACCEPTED;
    case 'D': strerr_warnw(server, " refused the message: ", answer + 1); return QUEUE_EXIT_REFUSED;
    case 'Z': strerr_warnw(server, " cannot take the message now: ", answer + 1); last_trouble = QUEUE_EXIT_REFUSED_NOW; return TRY_NEXT;
    default: strerr_warnw(server, " does not speak QMQP: ", answer); return QUEUE_EXIT_SERVER_FAILED;
  }
}

/* A connection is reset when the other side closes it before it has read all that came (RFC 2525 2.17). */
static bool is_reset(int fd)
{
  struct pollfd x = { .fd = fd };
  if (errno == ECONNRESET || errno == EPIPE) return true;
  return !errno && poll(&x, 1, RESET_MS) == 1 && x.revents & POLLERR;
}

static int end_of_unread(char const *server)
{
  strerr_warnw(server, " closed the connection before it had the message: perhaps its rules (/etc/tcp.qmqp) do not let this host in");
  last_trouble = QUEUE_EXIT_SERVER_REFUSED;
  return TRY_NEXT;
}

static int end_of_unsent(char const *server)
{
  strerr_warnwusys("send the message to ", server);
  last_trouble = QUEUE_EXIT_SERVER_FAILED;
  return TRY_NEXT;
}

/* Who has it all, and does not say what he does with it, may have it queued. */
static int end_with(struct qmqp_server *server)
{
  char answer[ANSWER_MAX + 1];
  bool sent = say_all(server->fd);
  if (sent && hear_answer(server->fd, answer)) return end_by_answer(server->name, answer);
  if (is_reset(server->fd)) return end_of_unread(server->name);
  if (!sent) return end_of_unsent(server->name);
  if (!errno) errno = ENOTCONN;
  strerr_warnwusys("learn what became of the message at ", server->name);
  return QUEUE_EXIT_SERVER_FAILED;
}

/* ---- all of them ---- */

static void read_servers(struct qmqp_servers *servers)
{
  stralloc text = STRALLOC_ZERO;
  if (control_slurp(&text, "qmqpservers") == -1) die(QUEUE_EXIT_CANNOT_CONFIGURE, "read control/qmqpservers");
  qmqp_servers_read(servers, text.s, text.len);
  if (!servers->count) {
    strerr_warnw("control/qmqpservers has no address of a server");
    _exit(QUEUE_EXIT_CANNOT_CONFIGURE);
  }
  stralloc_free(&text);
}

static int code_of_unreached(void)
{
  strerr_warnwusys("connect to a server of control/qmqpservers");
  if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) return QUEUE_EXIT_CANNOT_CONNECT;
  return errno == ETIMEDOUT ? QUEUE_EXIT_SERVER_TIMEOUT : QUEUE_EXIT_SERVER_REFUSED;
}

static int hand_over(struct qmqp_servers *servers)
{
  for (struct qmqp_server *server; (server = qmqp_servers_connect(servers));) {
    int code = end_with(server);
    close(server->fd);
    server->fd = -1;
    server->is_done = true;
    if (code != TRY_NEXT) return code;
  }
  return last_trouble ? last_trouble : code_of_unreached();
}

/* ---- no message: only whether they are there ---- */

/* Who speaks QMQP says nothing before he is spoken to; the end of the connection is what rules do with who is not let in. */
static bool lets_in(int fd)
{
  struct pollfd x = { .fd = fd, .events = POLLIN };
  return poll(&x, 1, RULES_MS) == 0;
}

static bool tell_server(struct qmqp_server const *which)
{
  static struct qmqp_servers alone;
  alone = (struct qmqp_servers){ .count = 1, .list = { *which } };
  struct qmqp_server *server = qmqp_servers_connect(&alone);
  if (!server) {
    strerr_warnwusys("connect to ", which->name);
    return false;
  }
  bool is_open = lets_in(server->fd);
  if (!is_open) strerr_warnw(which->name, " closes the connection: its rules for QMQP do not let this host in");
  close(server->fd);
  return is_open;
}

/* One is enough: the others are there for when it is not. */
static int tell_servers(struct qmqp_servers const *servers)
{
  bool any = false;
  for (size_t i = 0; i < servers->count; i++) any = tell_server(servers->list + i) || any;
  return any ? 0 : QUEUE_EXIT_SERVER_REFUSED;
}

int main(int argc, char const *const *argv)
{
  static struct qmqp_servers servers;
  PROG = "qmail-qmqpc";
  signal(SIGPIPE, SIG_IGN);
  if (chdir(HOME) == -1) die(QUEUE_EXIT_NO_HOME, "chdir to " HOME);
  read_servers(&servers);
  if (argc > 1 && !strcmp(argv[1], "-n")) return tell_servers(&servers);
  read_message();
  read_envelope();
  make_head();
  return hand_over(&servers);
}
