#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "agent.h"
#include "monotonic.h"
#include "remote_keep.h"

static struct kept left = { .connection = CONNECTION_NONE };
static unsigned messages;        /* that it has served */
static time_t since;

static bool is_there(void)
{
  return left.connection.in != -1;
}

static bool is_fresh(void)
{
  return messages < KEEP_MESSAGES && monotonic_seconds() < since + KEEP_SECONDS;
}

static bool say(int fd, char const *line)
{
  size_t len = strlen(line);
  return send(fd, line, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
}

/* False when there is more than one good answer to RSET. */
static bool take_in(char const *s, size_t len)
{
  if (left.connection.speaks_qmtp) return false;
  for (size_t i = 0; i < len; i++) {
    enum smtp_reply_state state = left.reset_heard ? SMTP_REPLY_SENSELESS : smtp_reply_take(&left.reset, s[i]);
    if (state == SMTP_REPLY_SENSELESS) return false;
    left.reset_heard = state == SMTP_REPLY_DONE;
  }
  return !left.reset_heard || left.reset.code == 250;
}

/* All that the server has said. False when it is of no further use. */
static bool hear(void)
{
  char block[512];
  ssize_t r;
  while ((r = recv(left.connection.in, block, sizeof block, MSG_DONTWAIT)) > 0)
    if (!take_in(block, (size_t)r)) return false;
  return r == -1 && (errno == EAGAIN || errno == EINTR);
}

/* Politeness only: if it cannot leave at once, it does not. */
void keep_end(void)
{
  if (!is_there()) return;
  if (!left.connection.speaks_qmtp) say(left.connection.out, "QUIT\r\n");
  connection_close(&left.connection);
}

void keep_heed(void)
{
  if (is_there() && !hear()) keep_end();
}

struct kept const *keep_look(void)
{
  keep_heed();
  if (is_there() && !is_fresh()) keep_end();
  return is_there() ? &left : 0;
}

void keep_take(struct connection *to)
{
  connection_move(to, &left.connection);
}

bool keep_leave(struct connection *connection, bool resumed, char const *host, unsigned offered)
{
  if (!agent_stays()) return false;
  if (!resumed) {
    messages = 0;
    since = monotonic_seconds();
  }
  messages++;
  if (!is_fresh() || (!connection->speaks_qmtp && !say(connection->out, "RSET\r\n"))) return false;
  connection_move(&left.connection, connection);
  *left.host = 0;
  if (strlen(host) < sizeof left.host) strcpy(left.host, host);
  left.offered = offered;
  left.reset_heard = false;
  smtp_reply_start(&left.reset);
  return true;
}

int keep_watched(void)
{
  return left.connection.in;
}
