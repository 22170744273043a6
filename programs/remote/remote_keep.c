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

struct kept const *keep_look(void)
{
  if (connection != -1 && !is_fresh()) keep_end();
  return connection == -1 ? 0 : &about;
}

int keep_take(void)
{
  int fd = connection;
  connection = -1;
  return fd;
}

void keep_lost(void)
{
  if (connection != -1) close(connection);
  connection = -1;
}

/* Politeness only: if it cannot leave at once, it does not. */
void keep_end(void)
{
  static char const quit[] = "QUIT\r\n";
  if (connection != -1) send(connection, quit, sizeof quit - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  keep_lost();
}

bool keep_leave(int fd, bool resumed, struct kept const *kept)
{
  if (!agent_stays()) return false;
  if (!resumed) {
    messages = 0;
    since = monotonic_seconds();
  }
  messages++;
  if (!is_fresh()) return false;
  connection = fd;
  about = *kept;
  return true;
}

int keep_watched(void)
{
  return connection;
}
