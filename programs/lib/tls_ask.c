#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "monotonic.h"
#include "parts.h"
#include "service.h"
#include "tls_ask.h"
#include "tls_ucspi.h"
#include "two_descriptors.h"

enum { READY_MS = 5000, SLACK_MS = 2000 };      /* the service tells by itself that its time is over */

/* ---- which way ---- */

static struct { int control, in, out; } foreign;

static bool is_foreign(void)
{
  foreign.control = tls_ucspi_descriptor(getenv("SSLCTLFD"));
  foreign.in = tls_ucspi_descriptor(getenv("SSLREADFD"));
  foreign.out = tls_ucspi_descriptor(getenv("SSLWRITEFD"));
  return foreign.control != -1 && foreign.in != -1 && foreign.out != -1;
}

char const *tls_ask_home = ".";

bool tls_ask_is_possible(void)
{
  char path[PATH_MAX];
  if (is_foreign()) return true;
  int n = snprintf(path, sizeof path, "%s/%s", tls_ask_home, TLS_CERTIFICATE);
  return n > 0 && n < PATH_MAX && access(path, F_OK) == 0;
}

/* ---- endings ---- */

static void close_if_open(int *fd)
{
  if (*fd != -1) fd_close(*fd);
  *fd = -1;
}

/* Under another server the descriptors are there to stay: he ends when they do. */
void tls_ask_drop(struct tls_asked *t)
{
  if (!t->foreign) {
    close_if_open(&t->control);
    close_if_open(&t->in);
  }
  t->control = t->in = t->out = -1;
}

static enum tls_said trouble(struct tls_asked *t, char const *why)
{
  t->answer = (struct tls_answer){ .said = TLS_TROUBLE, .why = field_of(why) };
  tls_ask_drop(t);
  return TLS_TROUBLE;
}

/* ---- our service ---- */

static int call(void)
{
  char path[PATH_MAX];
  int n = snprintf(path, sizeof path, "%s/%s", tls_ask_home, TLS_SOCKET);
  return n > 0 && n < PATH_MAX ? service_call(path, READY_MS) : -1;
}

/* Two answers come, one after the other: the second is not said before TLS_GO. */
static bool hear(struct tls_asked *t)
{
  size_t len = 0;
  for (;;) {
    long n = tls_answer_unpack(&t->answer, t->bytes, len);
    if (n) return n > 0;
    if (!service_comes(t->control, t->deadline) || !service_take(t->control, t->bytes, sizeof t->bytes, &len)) return false;
  }
}

static enum tls_said ask(struct tls_asked *t, struct tls_question const *q, int network)
{
  char question[TLS_QUESTION_MAX];
  int pair[2];
  size_t len = tls_question_pack(question, q);
  if (!len) return trouble(t, "too much is asked of the TLS service");
  t->control = call();
  if (t->control == -1) return trouble(t, "the TLS service is down");
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1) return trouble(t, "unable to create a socket");
  bool asked = two_descriptors_send(t->control, question, len, (int const []){ network, pair[1] });
  fd_close(pair[1]);
  t->in = t->out = pair[0];
  t->deadline = monotonic_ms() + READY_MS;
  if (!asked || !hear(t)) return trouble(t, "the TLS service does not answer");
  if (t->answer.said == TLS_READY) return TLS_READY;
  tls_ask_drop(t);
  return t->answer.said = TLS_TROUBLE;
}

static enum tls_said start(struct tls_asked *t)
{
  t->deadline = monotonic_ms() + t->ms + SLACK_MS;
  if (!service_say(t->control, (char const []){ TLS_GO }, 1) || !hear(t))
    return trouble(t, "the TLS service does not answer");
  if (t->answer.said == TLS_DONE) close_if_open(&t->control);
  else tls_ask_drop(t);
  return t->answer.said;
}

/* ---- another server ---- */

static enum tls_said foreign_open(struct tls_asked *t)
{
  t->control = foreign.control;
  t->in = foreign.in;
  t->out = foreign.out;
  t->answer = (struct tls_answer){ .said = TLS_READY };
  return TLS_READY;
}

static bool foreign_hear(struct tls_asked *t)
{
  size_t len = 0;
  while (len < sizeof t->bytes && service_comes(t->control, t->deadline)) {
    ssize_t n = read(t->control, t->bytes + len, sizeof t->bytes - len);
    if (n == -1 && errno == EINTR) continue;
    if (n <= 0) return false;
    len += (size_t)n;
    if (tls_ucspi_answer(&t->answer, t->bytes, len)) return true;
  }
  return false;
}

static enum tls_said foreign_start(struct tls_asked *t)
{
  t->deadline = monotonic_ms() + t->ms;
  bool done = write(t->control, (char const []){ TLS_GO }, 1) == 1 && foreign_hear(t);
  if (done) return TLS_DONE;
  trouble(t, "the server gave no TLS");
  return t->answer.said = TLS_FAILED;
}

/* ---- both ---- */

enum tls_said tls_ask_open(struct tls_asked *t, struct tls_question const *q, int network)
{
  t->in = t->out = t->control = -1;
  t->ms = q->ms;
  t->foreign = q->side == TLS_SERVER && is_foreign();
  return t->foreign ? foreign_open(t) : ask(t, q, network);
}

enum tls_said tls_ask_start(struct tls_asked *t)
{
  return t->foreign ? foreign_start(t) : start(t);
}
