#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "queue_path.h"
#include "send.h"
#include "send_asker.h"
#include "send_log.h"
#include "service.h"

enum { PATIENCE = 60 };       /* seconds for the first request */

/* Only root and qmails come into its directory. */
static struct service const door = {
  .path = QUEUE_CONTROL_SOCKET, .mode = 0700, .owner = -1, .group = -1, .waiting = 16
};
static int listener = -1;

struct asker askers[ASKERS];

/* ---- the door ---- */

void askers_begin(void)
{
  listener = service_listen(&door, SOCK_NONBLOCK);
  if (listener == -1)
    log_line("warning: unable to listen on %s: %s; qmail-qctl will not work", QUEUE_CONTROL_SOCKET, strerror(errno));
}

static void hang_up(struct asker *a)
{
  close(a->fd);
  a->fd = 0;
  a->gone = true;
}

static void close_door(void)
{
  if (listener == -1) return;
  service_end(&door, listener);
  listener = -1;
  for (struct asker *a = askers; a < askers + ASKERS; a++)
    if (a->fd) hang_up(a);
}

static struct asker *nobody(void)
{
  for (struct asker *a = askers; a < askers + ASKERS; a++)
    if (!a->fd && !a->gone) return a;
  return 0;
}

static void let_in(void)
{
  uid_t uid;
  struct asker *a = nobody();
  int fd = accept4(listener, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd == -1) return;
  if (!service_peer(fd, &uid) || (uid != 0 && uid != geteuid())) {
    close(fd);
    return;
  }
  a->fd = fd;
  a->uid = uid;
  a->busy = false;
  a->len = 0;
  a->deadline = now + PATIENCE;
}

/* ---- the loop ---- */

static void wait_for(iopause_fd *x, int fd, bool wanted)
{
  *x = (iopause_fd){ .fd = wanted ? fd : -1, .events = IOPAUSE_READ };
}

void askers_wait_for(iopause_fd x[ASKER_PLACES])
{
  if (stopping) close_door();
  wait_for(x, listener, nobody() != 0);
  for (int i = 0; i < ASKERS; i++) wait_for(x + 1 + i, askers[i].fd, askers[i].fd && !askers[i].busy);
}

void askers_receive(iopause_fd const x[ASKER_PLACES])
{
  for (int i = 0; i < ASKERS; i++) {
    struct asker *a = askers + i;
    bool ready = x[1 + i].fd != -1 && x[1 + i].revents && a->fd == x[1 + i].fd;
    if (ready && !service_take(a->fd, a->bytes, sizeof a->bytes, &a->len)) hang_up(a);
  }
  if (x[0].fd != -1 && x[0].revents) let_in();
}

uint64_t askers_patience(void)
{
  uint64_t next = UINT64_MAX;
  for (struct asker const *a = askers; a < askers + ASKERS; a++)
    if (a->fd && !a->busy && a->deadline < next) next = a->deadline;
  return next;
}

/* ---- requests ---- */

/* Whether his request is whole. */
static bool has_asked(struct asker *a)
{
  if (now >= a->deadline) hang_up(a);
  if (!a->fd || !a->len) return false;
  long n = verb_request_unpack(&a->request, a->bytes, a->len);
  if (n < 0 || (n > 0 && (size_t)n < a->len)) hang_up(a);
  if (!a->fd || !n) return false;
  a->len = 0;
  return a->busy = true;
}

struct asker *asker_next(void)
{
  for (struct asker *a = askers; a < askers + ASKERS; a++) {
    if (a->fd && !a->busy && has_asked(a)) return a;
    if (!a->gone) continue;
    a->gone = false;
    return a;
  }
  return 0;
}

void asker_answer(struct asker *a, struct verb_answer const *answer, unsigned patience)
{
  char text[VERB_ANSWER_MAX];
  size_t len = verb_answer_pack(text, answer);
  if (!a->fd) return;
  a->busy = false;
  a->deadline = now + patience;
  if (!service_say(a->fd, text, len)) hang_up(a);
}
