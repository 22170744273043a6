#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns_quick.h"
#include "monotonic.h"
#include "resolv_conf.h"

enum {
  HEAD = 12, LABEL_MAX = 63, CLASS_IN = 1, DNS_PORT = 53, ROOM = 4096,
  LOST = 0                      /* in place of the time when it was sent: nobody has it */
};

/* ---- packets ---- */

static unsigned char *put16(unsigned char *to, unsigned n)
{
  *to++ = (unsigned char)(n >> 8);
  *to++ = (unsigned char)n;
  return to;
}

size_t dns_quick_packet(unsigned char to[DNS_QUICK_PACKET], uint16_t number, char const *name, enum dns_quick_type type)
{
  unsigned char *at = to + HEAD;
  if (!*name || strlen(name) >= DNS_NAME_MAX) return 0;
  memset(to, 0, HEAD);
  put16(to, number);
  to[2] = 1;                    /* recursion is wanted */
  to[5] = 1;                    /* one question */
  while (*name) {
    size_t len = strcspn(name, ".");
    if (!len || len > LABEL_MAX) return 0;
    *at++ = (unsigned char)len;
    memcpy(at, name, len);
    at += len;
    name += len + (name[len] == '.');
  }
  *at++ = 0;
  return (size_t)(put16(put16(at, type), CLASS_IN) - to);
}

bool dns_quick_answers(struct dns_message *m, unsigned char const *s, size_t len, uint16_t number, char const *name, unsigned type)
{
  char asked[DNS_NAME_MAX + 1];
  if (!dns_message_begin(m, s, len) || s[0] != number >> 8 || s[1] != (number & 255)) return false;
  unsigned char const *kind = s + m->at - 4;
  return kind[0] == type >> 8 && kind[1] == (type & 255) && dns_message_name(asked, m, HEAD) && !strcasecmp(asked, name);
}

/* ---- sending ---- */

static int connected_to(ip46 const *server)
{
  struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(DNS_PORT) };
  struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(DNS_PORT) };
  struct sockaddr const *to = server->is6 ? (struct sockaddr *)&six : (struct sockaddr *)&four;
  memcpy(&four.sin_addr, server->ip, 4);
  memcpy(&six.sin6_addr, server->ip, 16);
  int fd = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd != -1 && connect(fd, to, server->is6 ? sizeof six : sizeof four) == -1) {
    close(fd);
    fd = -1;
  }
  return fd;
}

/* The first server first, and then the next, each time. */
static void send_to_next(struct dns_quick *q, struct dns_quick_question *question)
{
  unsigned char packet[DNS_QUICK_PACKET];
  size_t const server = question->tries++ % q->server_count;
  size_t len = dns_quick_packet(packet, question->number, question->name, question->type);
  question->sent = monotonic_ms();
  if (q->fds[server] == -1) q->fds[server] = connected_to(q->servers + server);
  if (q->fds[server] == -1 || send(q->fds[server], packet, len, MSG_NOSIGNAL) == -1) question->sent = LOST;
}

static bool may_be_asked_again(struct dns_quick const *q, struct dns_quick_question const *question)
{
  return question->tries <= q->server_count;
}

void dns_quick_begin(struct dns_quick *q, void (*heard)(struct dns_quick *, size_t, struct dns_message *))
{
  ip46 all[NAME_SERVERS_MAX];
  size_t count = resolv_conf_servers(all);
  q->heard = heard;
  q->server_count = count < DNS_QUICK_SERVERS ? count : DNS_QUICK_SERVERS;
  q->count = q->open = 0;
  memcpy(q->servers, all, q->server_count * sizeof *all);
  for (size_t i = 0; i < DNS_QUICK_SERVERS; i++) q->fds[i] = -1;
}

/* A number that nobody can know: with the port, which the kernel chooses, it tells an answer from a forged one. */
static bool some_number(uint16_t *number)
{
  return getrandom(number, sizeof *number, 0) == sizeof *number;
}

size_t dns_quick_ask(struct dns_quick *q, char const *name, enum dns_quick_type type)
{
  unsigned char packet[DNS_QUICK_PACKET];
  size_t const place = q->count;
  if (place == DNS_QUICK_QUESTIONS || !dns_quick_packet(packet, 0, name, type)) return DNS_QUICK_QUESTIONS;
  struct dns_quick_question *question = q->questions + place;
  *question = (struct dns_quick_question){ .type = (uint16_t)type, .is_open = true };
  if (!some_number(&question->number)) return DNS_QUICK_QUESTIONS;
  strcpy(question->name, name);
  q->count++;
  q->open++;
  send_to_next(q, question);
  return place;
}

/* ---- hearing ---- */

static void finish(struct dns_quick *q, size_t place, struct dns_message *answer)
{
  q->questions[place].is_open = false;
  q->open--;
  q->heard(q, place, answer);
}

static bool says_something(struct dns_message const *m)
{
  return m->code == DNS_CODE_NONE || m->code == DNS_CODE_NO_NAME;
}

/* Another server may know what this one does not. */
static void understand(struct dns_quick *q, unsigned char const *s, size_t len)
{
  struct dns_message m;
  for (size_t i = 0; i < q->count; i++) {
    struct dns_quick_question *question = q->questions + i;
    if (!question->is_open || !dns_quick_answers(&m, s, len, question->number, question->name, question->type)) continue;
    if (says_something(&m)) finish(q, i, &m);
    else if (question->tries < q->server_count) send_to_next(q, question);
    else finish(q, i, 0);
    return;
  }
}

/* An error is that of an earlier question: nobody is there. */
static void hear_all(struct dns_quick *q, size_t server)
{
  static unsigned char packet[ROOM];
  ssize_t r;
  while (q->open && (r = recv(q->fds[server], packet, sizeof packet, MSG_DONTWAIT)) != -1) understand(q, packet, (size_t)r);
  if (!q->open || errno == EAGAIN || errno == EINTR) return;
  for (size_t i = 0; i < q->count; i++)
    if (q->questions[i].is_open && (q->questions[i].tries - 1) % q->server_count == server) q->questions[i].sent = LOST;
}

/* What is overdue is asked again, or given up; how long until the next is. */
static int64_t ask_again(struct dns_quick *q, int64_t left)
{
  int64_t const now = monotonic_ms();
  for (size_t i = 0; i < q->count; i++) {
    struct dns_quick_question *question = q->questions + i;
    if (!question->is_open) continue;
    if (question->sent + DNS_QUICK_AGAIN_MS <= now && may_be_asked_again(q, question)) send_to_next(q, question);
    else if (question->sent == LOST) finish(q, i, 0);
    int64_t due = may_be_asked_again(q, question) ? question->sent + DNS_QUICK_AGAIN_MS - now : left;
    if (question->is_open && due < left) left = due;
  }
  return left > 0 ? left : 1;
}

static void wait_once(struct dns_quick *q, int64_t left)
{
  struct pollfd x[DNS_QUICK_SERVERS];
  for (size_t i = 0; i < DNS_QUICK_SERVERS; i++) x[i] = (struct pollfd){ .fd = q->fds[i], .events = POLLIN };
  if (poll(x, DNS_QUICK_SERVERS, (int)left) <= 0) return;
  for (size_t i = 0; i < DNS_QUICK_SERVERS; i++)
    if (x[i].revents) hear_all(q, i);
}

/* What has come meanwhile is heard before anything is asked again. */
void dns_quick_wait(struct dns_quick *q, int64_t ms)
{
  int64_t const end = monotonic_ms() + ms;
  if (q->open) wait_once(q, 0);
  for (int64_t left; q->open && (left = end - monotonic_ms()) > 0; ) {
    left = ask_again(q, left);
    if (q->open) wait_once(q, left);
  }
  for (size_t i = 0; i < q->count; i++)
    if (q->questions[i].is_open) finish(q, i, 0);
}

void dns_quick_end(struct dns_quick *q)
{
  for (size_t i = 0; i < DNS_QUICK_SERVERS; i++)
    if (q->fds[i] != -1) close(q->fds[i]);
  for (size_t i = 0; i < DNS_QUICK_SERVERS; i++) q->fds[i] = -1;
  q->count = q->open = 0;
}
