#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/sig.h>

#include "become.h"
#include "warm_client.h"
#include "warm_listener.h"
#include "warm_log.h"

enum { REST_MS = 100 };         /* after a failure that the next moment would bring again */

/* ---- the socket ---- */

static void tell_status(struct warm_listener const *l, struct warm_options const *o)
{
  if (o->verbose) warm_log("status: %u/%u", l->children, o->children_max);
}

static bool is_bound(int fd, struct warm_options const *o)
{
  struct sockaddr_in6 all = { .sin6_family = AF_INET6, .sin6_port = htons(o->port) };
  int one = 1, zero = 0;
  return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero) == 0 &&
         bind(fd, (struct sockaddr *)&all, sizeof all) == 0 && listen(fd, o->backlog) == 0;
}

static bool is_user(struct warm_options const *o)
{
  if (o->uid) return o->gid && become(o->uid, o->gid);
  return !o->gid;
}

bool warm_listener_open(struct warm_listener *l, struct warm_options const *o)
{
  *l = (struct warm_listener){ .fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0) };
  if (l->fd == -1) return false;
  if (!is_bound(l->fd, o) || !is_user(o)) {
    close(l->fd);
    return false;
  }
  tell_status(l, o);
  return true;
}

/* ---- for the next image of this program ---- */

void warm_listener_save(char words[WARM_WORDS], struct warm_listener const *l)
{
  snprintf(words, WARM_WORDS, "%d %u", l->fd, l->children);
}

static bool is_listening(int fd)
{
  int yes = 0;
  socklen_t len = sizeof yes;
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &len) == 0 && yes;
}

bool warm_listener_take_over(struct warm_listener *l, char const *words)
{
  return sscanf(words, "%d %u", &l->fd, &l->children) == 2 && is_listening(l->fd);
}

/* ---- the clients ---- */

static void reap(struct warm_listener *l, struct warm_options const *o)
{
  int status;
  for (pid_t pid; l->children && (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    l->children--;
    if (o->verbose) warm_log("end %d status %d", pid, status);
    tell_status(l, o);
  }
}

static void rest(void)
{
  poll(0, 0, REST_MS);
}

static _Noreturn void be_the_child(struct warm_listener const *l, struct warm_options const *o, int fd, sigset_t const *usual,
                                   void (*serve)(void))
{
  close(l->fd);
  sig_restore(SIGPIPE);
  sig_restore(SIGCHLD);
  sigprocmask(SIG_SETMASK, usual, 0);
  warm_client_begin(o, fd);
  serve();
  _exit(0);
}

static bool is_fork(struct warm_listener *l, struct warm_options const *o, int fd, sigset_t const *usual, void (*serve)(void))
{
  pid_t pid = fork();
  if (!pid) be_the_child(l, o, fd, usual, serve);
  if (pid == -1) warm_log("warning: dropping connection, unable to fork: %s", strerror(errno));
  close(fd);
  l->children += pid != -1;
  return pid != -1;
}

/* Who has gone before he was taken is no failure. */
static bool take(struct warm_listener *l, struct warm_options const *o, sigset_t const *usual, void (*serve)(void))
{
  int fd = accept4(l->fd, 0, 0, SOCK_CLOEXEC);
  if (fd == -1) {
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) rest();
    return false;
  }
  tell_status(&(struct warm_listener){ .children = l->children + 1 }, o);
  if (is_fork(l, o, fd, usual, serve)) return true;
  tell_status(l, o);
  rest();
  return false;
}

static void wake(int signal)
{
  (void)signal;
}

/* Children that end are heard of while nothing else is done. */
static void listen_to_children(sigset_t *usual)
{
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, usual);
  sigdelset(usual, SIGCHLD);
  sig_catch(SIGCHLD, wake);
  sig_altignore(SIGPIPE);
}

void warm_listener_serve(struct warm_listener *l, struct warm_options const *o, unsigned clients, void (*serve)(void))
{
  sigset_t usual;
  listen_to_children(&usual);
  while (clients) {
    reap(l, o);
    struct pollfd door = { .fd = l->fd, .events = POLLIN };
    if (ppoll(&door, l->children < o->children_max, 0, &usual) == 1) clients -= take(l, o, &usual, serve);
  }
}
