#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call_wire.h"
#include "home.h"
#include "send.h"
#include "send_call.h"
#include "send_destination.h"
#include "send_jobs.h"
#include "send_log.h"
#include "send_message.h"
#include "service.h"

enum { PATIENCE = 5 };        /* seconds for the request */

static struct service const door = {
  .path = HOME "/" CALL_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = 16
};
static int listener = -1;
static uid_t smtp_uid;

static struct caller {
  int fd;                     /* 0: nobody */
  uid_t uid;
  uint64_t deadline;
  size_t len;
  char bytes[CALL_REQUEST_MAX];
} callers[CALLERS];

/* ---- what is called for ---- */

/* It is one for several domains, of which one may be called for, and not merely one that nobody has looked at since our start. */
static bool is_for_several(struct message const *m)
{
  return !m->toward[CHANNEL_REMOTE] && m->undone;
}

/* Messages that wait for their next attempt there, and those for several domains, which are not counted. */
static uint32_t make_due(struct heap const *waiting, struct call const *c)
{
  uint64_t key = destination_owner(CHANNEL_REMOTE, c->domain.s, c->domain.len);
  struct message **due = waiting->count ? malloc(waiting->count * sizeof *due) : 0;
  size_t count = 0;
  uint32_t exact = 0;
  for (size_t i = 0; due && i < waiting->count; i++) {
    uint64_t toward = waiting->at[i]->toward[CHANNEL_REMOTE];
    bool called = toward == key || (toward && destination_was_called(toward));
    if (called || is_for_several(waiting->at[i])) due[count++] = waiting->at[i];
    exact += called;
  }
  for (size_t i = 0; i < count; i++) schedule(due[i], CHANNEL_REMOTE, now);
  free(due);
  return exact;
}

static enum call_said obey(struct call const *c, uint32_t *messages)
{
  *messages = 0;
  if (stopping) return CALL_TROUBLE;
  if (!destination_call(c, messages)) return CALL_TOO_SOON;
  for (int n = 0; n < NEWNESSES; n++) *messages += make_due(&ready[CHANNEL_REMOTE][n], c);
  jobs_wake();
  return CALL_DONE;
}

/* ---- the door ---- */

void callers_begin(void)
{
  struct passwd const *smtp = getpwnam("qmaild");
  smtp_uid = smtp ? smtp->pw_uid : 0;
  listener = service_listen(&door, SOCK_NONBLOCK);
  if (listener == -1 && errno != ENOENT)
    log_line("warning: unable to listen on %s: %s; ETRN will not work", CALL_SOCKET, strerror(errno));
}

static void hang_up(struct caller *c)
{
  close(c->fd);
  c->fd = 0;
}

static void close_door(void)
{
  if (listener == -1) return;
  service_end(&door, listener);
  listener = -1;
  for (struct caller *c = callers; c < callers + CALLERS; c++)
    if (c->fd) hang_up(c);
}

static struct caller *nobody(void)
{
  for (struct caller *c = callers; c < callers + CALLERS; c++)
    if (!c->fd) return c;
  return 0;
}

static void let_in(void)
{
  struct caller *c = nobody();
  uid_t uid;
  int fd = accept4(listener, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd == -1) return;
  if (!service_peer(fd, &uid) || (uid != 0 && uid != geteuid() && uid != smtp_uid)) close(fd);
  else *c = (struct caller){ .fd = fd, .uid = uid, .deadline = now + PATIENCE };
}

/* One request, one answer, and he is gone. */
static void serve(struct caller *c)
{
  struct call call;
  char answer[CALL_ANSWER_MAX];
  uint32_t messages;
  if (!service_take(c->fd, c->bytes, sizeof c->bytes, &c->len)) c->deadline = 0;
  long n = call_request_unpack(&call, c->bytes, c->len);
  if (n == 0 && now < c->deadline) return;
  if (n > 0 && (size_t)n == c->len) {
    enum call_said said = obey(&call, &messages);
    log_line("call: mail for %s%.*s by uid %lu: %s%lu", call.below ? "@" : "", (int)call.domain.len, call.domain.s,
             (unsigned long)c->uid, said == CALL_DONE ? "messages " : "not now, ", (unsigned long)messages);
    service_say(c->fd, answer, call_answer_pack(answer, said, messages));
  }
  hang_up(c);
}

/* ---- the loop ---- */

static void wait_for(iopause_fd *x, int fd, bool wanted)
{
  *x = (iopause_fd){ .fd = wanted ? fd : -1, .events = IOPAUSE_READ };
}

void callers_wait_for(iopause_fd x[CALLER_PLACES])
{
  if (stopping) close_door();
  wait_for(x, listener, listener != -1 && nobody());
  for (int i = 0; i < CALLERS; i++) wait_for(x + 1 + i, callers[i].fd, callers[i].fd);
}

void callers_receive(iopause_fd const x[CALLER_PLACES])
{
  for (int i = 0; i < CALLERS; i++) {
    struct caller *c = callers + i;
    bool ready_now = x[1 + i].fd != -1 && x[1 + i].revents;
    if (c->fd && ready_now) serve(c);
    if (c->fd && now >= c->deadline) hang_up(c);
  }
  if (x[0].fd != -1 && x[0].revents && listener != -1) let_in();
}

uint64_t callers_patience(void)
{
  uint64_t next = UINT64_MAX;
  for (struct caller const *c = callers; c < callers + CALLERS; c++)
    if (c->fd && c->deadline < next) next = c->deadline;
  return next;
}
