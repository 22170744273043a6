#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/uint32.h>

#include "agent.h"
#include "agent_pool.h"
#include "bytes.h"

enum { ABOUT_MAX = 4096 };

/* ---- who there is ---- */

/* Ours, which does not block and hears from whom each word comes, and theirs. */
static bool make_pair(int ends[2])
{
  static int const on = 1;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1) return false;
  if (ndelay_on(ends[0]) == 0 && setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0) return true;
  close(ends[0]);
  close(ends[1]);
  return false;
}

struct agent *agent_add(struct agent_pool *pool, unsigned generation, void *job, int *theirs)
{
  int ends[2];
  *theirs = -1;
  struct agent *a = pool->count < pool->most ? calloc(1, sizeof *a) : 0;
  if (!a) return 0;
  if (!make_pair(ends)) {
    free(a);
    return 0;
  }
  *a = (struct agent){ .fd = ends[0], .generation = generation, .job = job, .message = -1, .output = -1 };
  *theirs = ends[1];
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
  int const fds[] = { agent->fd, agent->message, agent->output };
  for (size_t j = 0; j < sizeof fds / sizeof *fds; j++)
    if (fds[j] != -1) close(fds[j]);
  stralloc_free(&agent->key);
  stralloc_free(&agent->about);
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

/* The socket is empty and takes ABOUT_MAX bytes, so this cannot block. From here on the program inherits it. */
void agent_offer(struct agent_invitation const *invitation, char const *about, size_t len)
{
  char text[100];
  int fd = invitation->fd;
  unsetenv(AGENT_VARIABLE);
  if (fd == -1 || !len || len > ABOUT_MAX || send(fd, about, len, MSG_NOSIGNAL) != (ssize_t)len) return;
  snprintf(text, sizeof text, AGENT_VERSION ":%" PRIuMAX ":%" PRIuMAX ":%d", (uintmax_t)invitation->program->st_dev,
           (uintmax_t)invitation->program->st_ino, fd);
  if (setenv(AGENT_VARIABLE, text, 1) == 0) uncoe(fd);
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

bool agent_request(struct agent *agent, struct agent_terms terms, char const *arguments, size_t len, int const passed[2])
{
  union passing space = { .space = "" };
  char head[AGENT_HEAD];
  uint32_pack(head, terms.commit_delay_us);
  head[AGENT_HEAD - 1] = terms.is_asked ? AGENT_LIGHT : '-';
  struct iovec v[2] = { { head, sizeof head }, { (char *)arguments, len } };
  struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
  if (passed) pass(&m, &space, passed);
  return len && len <= AGENT_REQUEST_MAX && sendmsg(agent->fd, &m, MSG_NOSIGNAL) == (ssize_t)len + AGENT_HEAD;
}

/* Of the sender of a word; a pid cannot be forged. */
static struct ucred sender(struct msghdr *m)
{
  struct ucred who = { .pid = 0 };
  struct cmsghdr const *c = CMSG_FIRSTHDR(m);
  if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len == CMSG_LEN(sizeof who))
    memcpy(&who, CMSG_DATA(c), sizeof who);
  return who;
}

/* Bytes of a word of its own, and as whom it said it; 0 when it is gone, -1 when it is silent. Descriptors that anybody may
   add find no room, so the kernel closes them. */
static ssize_t word_of(struct agent const *agent, char *text, size_t size, uid_t *uid)
{
  union { struct cmsghdr align; char space[CMSG_SPACE(sizeof(struct ucred))]; } control;
  struct iovec v = { text, size };
  struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  ssize_t r = recvmsg(agent->fd, &m, MSG_CMSG_CLOEXEC);
  if (r == -1 && (errno == EAGAIN || errno == EINTR)) return -1;
  struct ucred who = sender(&m);
  *uid = who.uid;
  return r > 0 && who.pid == agent->pid ? r : 0;
}

static enum agent_state answered(char const *packed, struct agent_word *word)
{
  uint32_t value;
  uint32_unpack(packed, &value);
  word->wstat = (int)value;
  word->kept = packed[AGENT_ANSWER - 1] == 'k';
  return AGENT_DONE;
}

/* Of one that has come forward. */
static enum agent_state news(struct agent const *agent, char const *text, size_t len, struct agent_word *word)
{
  if (!agent->job) return AGENT_GONE;
  if (len == 1 && *text == AGENT_LIGHT) return AGENT_WORKS_LIGHT;
  return len == AGENT_ANSWER ? answered(text, word) : AGENT_GONE;
}

/* First what it is about, then that it is here, then for each job perhaps that it is light, and an answer. */
enum agent_state agent_hear(struct agent *agent, struct agent_word *word)
{
  char text[ABOUT_MAX];
  ssize_t r = word_of(agent, text, sizeof text, &word->uid);
  if (r == -1) return AGENT_SILENT;
  if (r == 0) return AGENT_GONE;
  if (agent->forward) return news(agent, text, (size_t)r, word);
  if (!agent->about.len) return bytes_setb(&agent->about, text, (size_t)r) ? AGENT_SILENT : AGENT_GONE;
  if (r != 1 || *text != AGENT_HERE) return AGENT_GONE;
  agent->forward = true;
  return AGENT_FORWARD;
}
