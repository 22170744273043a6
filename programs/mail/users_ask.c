#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "monotonic.h"
#include "service.h"
#include "users_ask.h"

enum { NEW_OWNER_TRIES = 50 };        /* 20 ms apart */

bool users_ask_is_possible(void)
{
  return access(USERS_PLACE, F_OK) == 0 || errno != ENOENT;
}

static char const *socket_of(enum users_verb verb)
{
  return verb == USERS_PASSWORD ? USERS_PASSWORD_SOCKET : USERS_SOCKET;
}

/* Where too many wait already, the kernel has us wait for a place among them, no longer than for sending. */
static bool connect_to(int fd, char const *path, unsigned ms)
{
  struct timeval const patience = { .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000 };
  struct sockaddr_un name = { .sun_family = AF_UNIX };
  memcpy(name.sun_path, path, strlen(path));
  if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == -1) return false;
  int r;
  do r = connect(fd, (struct sockaddr const *)&name, sizeof name); while (r == -1 && errno == EINTR);
  return r == 0;
}

static bool hear(struct users_heard *heard, int fd, int64_t deadline)
{
  size_t len = 0;
  for (;;) {
    long n = users_answer_unpack(&heard->answer, heard->bytes, len);
    if (n) return n > 0;
    if (!service_comes(fd, deadline) || !service_take(fd, heard->bytes, sizeof heard->bytes, &len)) return false;
  }
}

static bool exchange(struct users_heard *heard, int fd, struct users_question const *q, char const *path,
                     int64_t deadline)
{
  char question[USERS_QUESTION_MAX];
  size_t len = users_question_pack(question, q);
  int64_t left = deadline - monotonic_ms();
  bool heard_it = len && left > 0 && connect_to(fd, path, (unsigned)left) && service_say(fd, question, len)
    && hear(heard, fd, deadline);
  explicit_bzero(question, len);
  return heard_it;
}

static enum users_said ask_at(struct users_heard *heard, struct users_question const *q, char const *path, int64_t deadline)
{
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd == -1 || !exchange(heard, fd, q, path, deadline)) heard->answer = (struct users_answer){ .said = SAID_TROUBLE };
  if (fd != -1) fd_close(fd);
  return heard->answer.said;
}

/* ---- domains of other accounts ---- */

/* A domain that is new may be known before the socket of its account is there. */
static void wait_for(char const *path)
{
  for (int i = 0; i < NEW_OWNER_TRIES && access(path, F_OK) == -1 && errno == ENOENT; i++)
    nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, 0);
}

static enum users_said with_flags_of_site(struct users_answer *a, enum users_access access, uint32_t of_site)
{
  if (a->flags & USERS_FLAGS_OF_SITE) a->flags = (a->flags & ~USERS_FLAGS_OF_SITE) | of_site;
  if (a->said == SAID_LET_IN && a->flags & users_closing_flag(access)) a->said = SAID_DENIED;
  return a->said;
}

static size_t full_name(char to[USERS_QUESTION_MAX], struct users_answer const *a)
{
  if (a->user.len + a->domain.len >= USERS_QUESTION_MAX) return 0;
  if (a->user.len) memcpy(to, a->user.s, a->user.len);
  to[a->user.len] = '@';
  memcpy(to + a->user.len + 1, a->domain.s, a->domain.len);
  return a->user.len + 1 + a->domain.len;
}

static enum users_said ask_owner(struct users_heard *heard, struct users_question const *q, int64_t deadline)
{
  char name[USERS_QUESTION_MAX], path[USERS_PATH_SIZE];
  uint32_t of_site = heard->answer.flags;
  struct users_question again = *q;
  if (heard->answer.domain.len) again.name = (struct field){ name, full_name(name, &heard->answer) };
  users_owner_path(path, q->verb, heard->answer.uid);
  wait_for(path);
  if (ask_at(heard, &again, path, deadline) == SAID_ELSEWHERE) heard->answer.said = SAID_TROUBLE;
  return with_flags_of_site(&heard->answer, q->access, of_site);
}

enum users_said users_ask(struct users_heard *heard, struct users_question const *q, unsigned ms)
{
  int64_t deadline = monotonic_ms() + ms;
  enum users_said said = ask_at(heard, q, socket_of(q->verb), deadline);
  return said == SAID_ELSEWHERE ? ask_owner(heard, q, deadline) : said;
}
