#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent.h"
#include "monotonic.h"
#include "remote_keep.h"

static int connection = -1;      /* that is left */
static unsigned messages;        /* that it has served */
static time_t since;
static struct kept about;

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
  for (size_t i = 0; i < len; i++) {
    enum smtp_reply_state state = about.reset_heard ? SMTP_REPLY_SENSELESS : smtp_reply_take(&about.reset, s[i]);
    if (state == SMTP_REPLY_SENSELESS) return false;
    about.reset_heard = state == SMTP_REPLY_DONE;
  }
  return !about.reset_heard || about.reset.code == 250;
}

/* All that the server has said. False when it is of no further use. */
static bool hear(void)
{
  char block[512];
  ssize_t r;
  while ((r = recv(connection, block, sizeof block, MSG_DONTWAIT)) > 0)
    if (!take_in(block, (size_t)r)) return false;
  return r == -1 && (errno == EAGAIN || errno == EINTR);
}

/* Politeness only: if it cannot leave at once, it does not. */
void keep_end(void)
{
  if (connection == -1) return;
  say(connection, "QUIT\r\n");
  close(connection);
  connection = -1;
}

void keep_heed(void)
{
  if (connection != -1 && !hear()) keep_end();
}

struct kept const *keep_look(void)
{
  keep_heed();
  if (connection != -1 && !is_fresh()) keep_end();
  return connection == -1 ? 0 : &about;
}

int keep_take(void)
{
  int fd = connection;
  connection = -1;
  return fd;
}

bool keep_leave(int fd, bool resumed, struct kept const *kept)
{
  if (!agent_stays()) return false;
  if (!resumed) {
    messages = 0;
    since = monotonic_seconds();
  }
  messages++;
  if (!is_fresh() || !say(fd, "RSET\r\n")) return false;
  connection = fd;
  about = *kept;
  about.reset_heard = false;
  smtp_reply_start(&about.reset);
  return true;
}

int keep_watched(void)
{
  return connection;
}
