#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>

#include "rehearsal.h"
#include "server.h"

enum { TURNS = 20 };            /* of each side, at most, until the handshake is over */

struct pair { SSL *server, *client; };

/* The sides hold the ends of the pipe from then on. */
static bool join(struct pair const *p)
{
  BIO *a, *b;
  if (!p->server || !p->client || BIO_new_bio_pair(&a, 0, &b, 0) != 1) return false;
  SSL_set_bio(p->server, a, a);
  SSL_set_bio(p->client, b, b);
  SSL_set_connect_state(p->client);
  return true;
}

static bool shake_hands(struct pair const *p)
{
  bool is_over = false;
  for (int i = 0; i < TURNS && !is_over; i++) {
    bool const client_has_done = SSL_do_handshake(p->client) == 1;
    bool const server_has_done = SSL_do_handshake(p->server) == 1;
    is_over = client_has_done && server_has_done;
  }
  return is_over;
}

static bool say(SSL *from, SSL *to)
{
  char byte = '.';
  return SSL_write(from, &byte, 1) == 1 && SSL_read(to, &byte, 1) == 1;
}

/* Who reads what comes after the handshake has the ticket as well. Null without one. */
static SSL_SESSION *meet(SSL_CTX *clients, SSL_SESSION *earlier)
{
  static struct tls_question const question = { .side = TLS_SERVER, .service = TLS_UNNAMED };
  char const *why;
  struct pair const p = { server_begin(&question, &why), SSL_new(clients) };
  SSL_SESSION *session = 0;
  if (join(&p)) {
    if (earlier) SSL_set_session(p.client, earlier);
    if (shake_hands(&p) && say(p.server, p.client) && say(p.client, p.server)) session = SSL_get1_session(p.client);
    SSL_shutdown(p.client);
    SSL_shutdown(p.server);
  }
  SSL_free(p.server);
  SSL_free(p.client);
  return session;
}

void rehearse(void)
{
  SSL_CTX *clients = SSL_CTX_new(TLS_client_method());
  SSL_SESSION *first = clients ? meet(clients, 0) : 0;
  SSL_SESSION *again = first ? meet(clients, first) : 0;
  SSL_SESSION_free(first);
  SSL_SESSION_free(again);
  SSL_CTX_free(clients);
  ERR_clear_error();
}
