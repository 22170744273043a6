#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <skalibs/uint32.h>

#include "agent.h"
#include "agent_pool.h"
#include "bytes.h"

enum { ABOUT_MAX = 4096, BACKLOG = 1024 };

/* ---- who there is ---- */

struct agent *agent_add(struct agent_pool *pool, pid_t pid, int about, unsigned generation, void *job)
{
  struct agent *a = pool->count < pool->most ? calloc(1, sizeof *a) : 0;
  if (!a) return 0;
  *a = (struct agent){ .pid = pid, .fd = -1, .about = about, .generation = generation, .job = job,
                       .message = -1, .output = -1 };
  return pool->agents[pool->count++] = a;
}

static bool has_key(struct agent const *a, char const *key, size_t len)
{
  return a->key.len == len && !memcmp(a->key.s, key, len);
}

struct agent *agent_idle(struct agent_pool const *pool, char const *key, size_t len)
{
  struct agent *best = 0;
  for (size_t i = 0; i < pool->count; i++) {
    struct agent *a = pool->agents[i];
    if (!a->job && len && has_key(a, key, len) && (!best || a->since >= best->since)) best = a;
  }
  return best;
}

static struct agent *idle_longest(struct agent_pool const *pool)
{
  struct agent *oldest = 0;
  for (size_t i = 0; i < pool->count; i++) {
    struct agent *a = pool->agents[i];
    if (!a->job && (!oldest || a->since < oldest->since)) oldest = a;
  }
  return oldest;
}

void agent_rest(struct agent_pool *pool, struct agent *agent, uint64_t now)
{
  agent->job = 0;
  agent->since = now;
  if (++pool->idle > pool->idle_max) agent_end(pool, idle_longest(pool));
}

void agent_employ(struct agent_pool *pool, struct agent *agent, void *job)
{
  agent->job = job;
  pool->idle--;
}

void agent_end(struct agent_pool *pool, struct agent *agent)
{
  size_t i = 0;
  while (pool->agents[i] != agent) i++;
  pool->agents[i] = pool->agents[--pool->count];
  if (!agent->job) pool->idle--;
  int const fds[] = { agent->fd, agent->about, agent->message, agent->output };
  for (size_t j = 0; j < sizeof fds / sizeof *fds; j++)
    if (fds[j] != -1) close(fds[j]);
  stralloc_free(&agent->key);
  free(agent);
}

void agent_end_idle(struct agent_pool *pool)
{
  for (size_t i = pool->count; i--;)
    if (!pool->agents[i]->job) agent_end(pool, pool->agents[i]);
}

int agent_expire(struct agent_pool *pool, uint64_t now)
{
  uint64_t next = UINT64_MAX;
  for (size_t i = pool->idle ? pool->count : 0; i--;) {
    struct agent *a = pool->agents[i];
    if (a->job) continue;
    uint64_t end = a->since + pool->idle_time;
    if (end <= now) agent_end(pool, a);
    else if (end < next) next = end;
  }
  if (next == UINT64_MAX) return -1;
  return next - now > INT_MAX ? INT_MAX : (int)(next - now);
}

/* ---- talking to them ---- */

static char name[AGENT_NAME_MAX];      /* of the listening socket */

static bool learn_name(int fd)
{
  struct sockaddr_un sa;
  socklen_t size = sizeof sa;
  if (getsockname(fd, (struct sockaddr *)&sa, &size) == -1) return false;
  int len = (int)(size - offsetof(struct sockaddr_un, sun_path)) - 1;
  return len > 0 && snprintf(name, sizeof name, "%.*s", len, sa.sun_path + 1) < (int)sizeof name;
}

/* The kernel chooses an abstract name: nothing is left to be cleaned up. */
int agent_listen(void)
{
  struct sockaddr_un any = { .sun_family = AF_UNIX };
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd == -1) return -1;
  if (bind(fd, (struct sockaddr *)&any, sizeof any.sun_family) == 0 && listen(fd, BACKLOG) == 0 && learn_name(fd))
    return fd;
  close(fd);
  return -1;
}

/* The pipe is empty and holds ABOUT_MAX bytes, so this cannot block. */
void agent_offer(int about, char const *text, size_t len, struct stat const *st)
{
  char invitation[AGENT_NAME_MAX + 80];
  unsetenv(AGENT_VARIABLE);
  if (about == -1 || !len || len > ABOUT_MAX || write(about, text, len) != (ssize_t)len) return;
  snprintf(invitation, sizeof invitation, AGENT_VERSION ":%" PRIuMAX ":%" PRIuMAX ":%s", (uintmax_t)st->st_dev,
           (uintmax_t)st->st_ino, name);
  setenv(AGENT_VARIABLE, invitation, 1);
}

/* Anybody on this machine can knock; a pid of ours cannot be forged. */
static struct agent *invited(struct agent_pool const *pool, int fd, uid_t *uid)
{
  struct ucred who;
  socklen_t size = sizeof who;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == -1) return 0;
  *uid = who.uid;
  for (size_t i = 0; i < pool->count; i++)
    if (pool->agents[i]->pid == who.pid && pool->agents[i]->fd == -1) return pool->agents[i];
  return 0;
}

struct agent *agent_come_forward(struct agent_pool *pool, int listening, uid_t *uid, bool *more)
{
  int fd = accept4(listening, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
  *more = fd != -1;
  if (fd == -1) return 0;
  struct agent *a = invited(pool, fd, uid);
  if (a) a->fd = fd;
  else close(fd);
  return a;
}

bool agent_about(struct agent *agent, stralloc *text)
{
  if (agent->about == -1 || !bytes_ready(text, ABOUT_MAX)) return false;
  ssize_t r = read(agent->about, text->s, ABOUT_MAX);
  close(agent->about);
  agent->about = -1;
  text->len = r > 0 ? (size_t)r : 0;
  return r > 0;
}

union passing { struct cmsghdr align; char space[CMSG_SPACE(2 * sizeof(int))]; };

static void pass(struct msghdr *m, union passing *space, int const passed[2])
{
  m->msg_control = space;
  m->msg_controllen = sizeof *space;
  struct cmsghdr *c = CMSG_FIRSTHDR(m);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(2 * sizeof(int));
  memcpy(CMSG_DATA(c), passed, 2 * sizeof(int));
}

bool agent_request(struct agent *agent, uint32_t patience_us, char const *arguments, size_t len, int const passed[2])
{
  union passing space = { .space = "" };
  char patience[AGENT_PATIENCE];
  uint32_pack(patience, patience_us);
  struct iovec v[2] = { { patience, sizeof patience }, { (char *)arguments, len } };
  struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
  if (passed) pass(&m, &space, passed);
  return len && len <= AGENT_REQUEST_MAX && sendmsg(agent->fd, &m, MSG_NOSIGNAL) == (ssize_t)len + AGENT_PATIENCE;
}

enum agent_state agent_hear(struct agent *agent, int *wstat, bool *kept)
{
  char packed[AGENT_ANSWER];
  uint32_t value;
  ssize_t r = recv(agent->fd, packed, sizeof packed, 0);
  if (r == -1 && (errno == EAGAIN || errno == EINTR)) return AGENT_SILENT;
  if (r != sizeof packed || !agent->job) return AGENT_GONE;
  uint32_unpack(packed, &value);
  *wstat = (int)value;
  *kept = packed[AGENT_ANSWER - 1] == 'k';
  return AGENT_DONE;
}
