#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "kept_clients.h"

enum {
  NEW = KEPT_CLIENTS_MAX,       /* in the place of a place: the listener's */
  EVENTS = 16                   /* looked at in one go; those that are left come again */
};

static bool watch(struct kept_clients const *k, int fd, size_t place, uint32_t events)
{
  struct epoll_event event = { .events = events, .data.u64 = place };
  return epoll_ctl(k->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool kept_clients_begin(struct kept_clients *k, int listener)
{
  *k = (struct kept_clients){ .epoll = epoll_create1(EPOLL_CLOEXEC), .listener = listener, .fd = -1, .place = NEW };
  for (size_t i = 0; i < KEPT_CLIENTS_MAX; i++) k->all[i].fd = -1;
  return k->epoll != -1 && ndelay_on(listener) == 0 && watch(k, listener, NEW, EPOLLIN | EPOLLEXCLUSIVE);
}

/* ---- places ---- */

static void clear(struct kept_client *c)
{
  if (c->fd != -1) fd_close(c->fd);
  c->fd = -1;
}

/* An empty one, or that of him who has been silent longest. */
static size_t make_place(struct kept_clients *k)
{
  size_t oldest = 0;
  for (size_t i = 0; i < KEPT_CLIENTS_MAX; i++) {
    if (k->all[i].fd == -1) return i;
    if (k->all[i].turn < k->all[oldest].turn) oldest = i;
  }
  clear(k->all + oldest);
  return oldest;
}

static bool take_place(struct kept_clients *k)
{
  if (k->place != NEW) return true;
  size_t const place = make_place(k);
  if (!watch(k, k->fd, place, EPOLLIN | EPOLLRDHUP)) return false;
  k->all[place].fd = k->fd;
  k->place = place;
  return true;
}

void kept_clients_keep(struct kept_clients *k)
{
  if (!take_place(k)) kept_clients_leave(k);
  else k->all[k->place].turn = ++k->turn;
}

void kept_clients_leave(struct kept_clients *k)
{
  if (k->place == NEW) fd_close(k->fd);
  else clear(k->all + k->place);
}

void kept_clients_forget(struct kept_clients *k)
{
  for (size_t i = 0; i < KEPT_CLIENTS_MAX; i++) clear(k->all + i);
}

/* ---- who is next ---- */

static bool is_gone(struct epoll_event const *e)
{
  return e->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
}

/* The place of who is served; those who have hung up give theirs back. -1: there is nobody among them. */
static long choose(struct kept_clients *k, struct epoll_event const *events, int count)
{
  long chosen = -1;
  for (int i = 0; i < count; i++) {
    size_t const place = events[i].data.u64;
    if (place == NEW) chosen = NEW;
    else if (is_gone(events + i)) clear(k->all + place);
    else if (chosen == -1) chosen = (long)place;
  }
  return chosen;
}

/* Another process may have taken him. */
static int take(struct kept_clients *k, size_t place)
{
  k->place = place;
  k->fd = place == NEW ? accept4(k->listener, 0, 0, SOCK_CLOEXEC) : k->all[place].fd;
  return k->fd;
}

int kept_clients_next(struct kept_clients *k, sigset_t const *mask, int ms)
{
  struct epoll_event events[EVENTS];
  for (;;) {
    int const count = epoll_pwait(k->epoll, events, EVENTS, ms, mask);
    if (count < 1) return errno = count ? errno : EAGAIN, -1;
    long const place = choose(k, events, count);
    if (place == -1) continue;
    if (take(k, (size_t)place) != -1 || errno != EAGAIN) return k->fd;
  }
}
