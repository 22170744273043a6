#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "connection.h"
#include "monotonic.h"
#include "parts.h"
#include "relay.h"
#include "server.h"
#include "service.h"
#include "tls_wire.h"
#include "two_descriptors.h"

enum {
  QUESTION_MS = 2000,           /* for a whole question: who asks had all of it before he came */
  GO_MS = 600000,               /* for 220, or for STARTTLS and its answer, before TLS_GO */
  HANDSHAKE_MS_MAX = 600000
};

struct connection {
  int control, network, plain;
  struct tls_question question;
  SSL *ssl;
  char bytes[TLS_QUESTION_MAX];
};

/* ---- the question ---- */

static bool receive(struct connection *c)
{
  int64_t deadline = monotonic_ms() + QUESTION_MS;
  int descriptors[2];
  if (!service_comes(c->control, deadline)) return false;
  size_t len = two_descriptors_take(c->control, c->bytes, sizeof c->bytes, descriptors);
  if (!len) return false;
  c->network = descriptors[0];
  c->plain = descriptors[1];
  for (;;) {
    long n = tls_question_unpack(&c->question, c->bytes, len);
    if (n) return n > 0 && (size_t)n == len;
    if (!service_comes(c->control, deadline) || !service_take(c->control, c->bytes, sizeof c->bytes, &len)) return false;
  }
}

/* ---- answers ---- */

static void say(int control, struct tls_answer const *a)
{
  char bytes[TLS_ANSWER_MAX];
  size_t len = tls_answer_pack(bytes, a);
  if (!len) len = tls_answer_pack(bytes, &(struct tls_answer){ .said = TLS_TROUBLE, .why = field_of("the answer is too long") });
  service_say(control, bytes, len);
}

void connection_refuse(int control, char const *why)
{
  say(control, &(struct tls_answer){ .said = TLS_TROUBLE, .why = field_of(why) });
}

/* ---- the handshake ---- */

static bool prepare(struct connection *c, unsigned may)
{
  char const *why;
  bool serves = c->question.side == TLS_SERVER;
  if (!(may & (serves ? MAY_SERVE : MAY_CALL))) return connection_refuse(c->control, "this user may not ask for that"), false;
  c->ssl = serves ? server_begin(&c->question, &why) : client_begin(&c->question, c->network, &why);
  if (c->ssl && SSL_set_fd(c->ssl, c->network) == 1) return true;
  connection_refuse(c->control, c->ssl ? "out of memory" : why);
  return false;
}

static bool hear_go(struct connection *c)
{
  char go;
  return service_receive(c->control, &go, 1, monotonic_ms() + GO_MS) == SERVICE_RECEIVED && go == TLS_GO;
}

/* Small records are sent when they are there; the other one's answer depends on them. A pair of pipes knows nothing of
   this. */
static void set_up_descriptors(struct connection *c)
{
  int const yes = 1;
  setsockopt(c->network, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  fcntl(c->network, F_SETFL, O_NONBLOCK);
  fcntl(c->plain, F_SETFL, O_NONBLOCK);
}

/* Null when the handshake is over; or why it is not: a word of the library, or one of ours. */
static char const *trouble_of(SSL *ssl, int result, int64_t deadline)
{
  struct pollfd x = { .fd = SSL_get_fd(ssl) };
  int64_t left = deadline - monotonic_ms();
  int error = SSL_get_error(ssl, result);
  if (error == SSL_ERROR_WANT_READ) x.events = POLLIN;
  else if (error == SSL_ERROR_WANT_WRITE) x.events = POLLOUT;
  else if (error == SSL_ERROR_SSL) return ERR_reason_error_string(ERR_peek_error());
  else return "the connection is broken";
  int r = left > 0 ? poll(&x, 1, (int)left) : 0;
  if (r == -1 && errno != EINTR) return "unable to wait";
  return r == 0 ? "no time is left" : 0;
}

static char const *shake_hands(SSL *ssl, uint32_t ms)
{
  int64_t deadline = monotonic_ms() + (ms < HANDSHAKE_MS_MAX ? ms : HANDSHAKE_MS_MAX);
  for (;;) {
    ERR_clear_error();
    int r = SSL_do_handshake(ssl);
    if (r == 1) return 0;
    char const *why = trouble_of(ssl, r, deadline);
    if (why) return why;
  }
}

static void describe(struct connection *c, struct tls_answer *a)
{
  unsigned char const *alpn;
  unsigned len;
  *a = (struct tls_answer){
    .said = TLS_DONE, .resumed = (uint32_t)SSL_session_reused(c->ssl),
    .bits = (uint32_t)SSL_CIPHER_get_bits(SSL_get_current_cipher(c->ssl), 0),
    .protocol = field_of(SSL_get_version(c->ssl)), .cipher = field_of(SSL_get_cipher_name(c->ssl))
  };
  SSL_get0_alpn_selected(c->ssl, &alpn, &len);
  if (len) a->alpn = (struct field){ (char const *)alpn, len };
  if (c->question.side == TLS_SERVER) server_describe(a, c->ssl);
  else client_describe(a, c->ssl);
  if (a->proof < c->question.proof) a->said = TLS_UNPROVEN;
}

/* True when the two may talk. */
static bool connect_safely(struct connection *c)
{
  struct tls_answer a;
  char const *why = shake_hands(c->ssl, c->question.ms);
  if (why) a = (struct tls_answer){ .said = TLS_FAILED, .why = field_of(why) };
  else describe(c, &a);
  say(c->control, &a);
  if (a.said == TLS_UNPROVEN) SSL_shutdown(c->ssl);
  return a.said == TLS_DONE;
}

void connection_serve(int control, unsigned may)
{
  static struct connection c;
  c.control = control;
  if (!receive(&c) || !prepare(&c, may)) return;
  say(control, &(struct tls_answer){ .said = TLS_READY });
  if (!hear_go(&c)) return;
  set_up_descriptors(&c);
  if (!connect_safely(&c)) return;
  close(control);
  relay(c.ssl, c.network, c.plain);
}
