#include <string.h>

#include "bindings.h"
#include "certificates.h"
#include "server.h"
#include "tickets.h"

/* The only one that this process serves. */
static struct tls_question const *question;
static char called[TLS_NAME_MAX + 1], otherwise[TLS_NAME_MAX + 1];

/* ---- what the client wants ---- */

/* MTAs call many a name that is none of ours: they get the default certificate, not an alert. */
static int choose_certificate(SSL *ssl, int *alert, void *data)
{
  (void)alert, (void)data;
  char const *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (!name || strlen(name) > TLS_NAME_MAX) return SSL_TLSEXT_ERR_NOACK;
  strcpy(called, name);
  SSL_CTX *context = certificates_find(called, otherwise);
  if (context && context != SSL_get_SSL_CTX(ssl) && !SSL_set_SSL_CTX(ssl, context)) return SSL_TLSEXT_ERR_ALERT_FATAL;
  return SSL_TLSEXT_ERR_OK;
}

static char const *const protocols[TLS_SERVICES][3] = {
  [TLS_SMTP] = { "smtp", "esmtp" }, [TLS_POP3] = { "pop3" }, [TLS_IMAP] = { "imap" }
};

static bool is_ours(unsigned char const *name, size_t len)
{
  for (char const *const *p = protocols[question->service]; *p; p++)
    if (strlen(*p) == len && !memcmp(*p, name, len)) return true;
  return false;
}

/* A client that wants to speak something else was led here by somebody in between (ALPACA). */
static int choose_protocol(SSL *ssl, unsigned char const **to, unsigned char *len, unsigned char const *offered,
                           unsigned offered_len, void *data)
{
  (void)ssl, (void)data;
  if (question->service == TLS_UNNAMED) return SSL_TLSEXT_ERR_NOACK;
  for (unsigned i = 0; i < offered_len && offered[i] < offered_len - i; i += 1u + offered[i])
    if (is_ours(offered + i + 1, offered[i])) {
      *to = offered + i + 1;
      *len = offered[i];
      return SSL_TLSEXT_ERR_OK;
    }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* ---- contexts ---- */

/* In the order in which we like them. Without CBC modes only what is older than 2013 could not speak with us. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES"

static void set_up(SSL_CTX *c)
{
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
                         | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(c, 2L * TICKETS_PERIOD);
  SSL_CTX_set_num_tickets(c, 1);
  SSL_CTX_set_tlsext_servername_callback(c, choose_certificate);
  SSL_CTX_set_alpn_select_cb(c, choose_protocol, 0);
  tickets_use(c);
}

SSL_CTX *server_context(void)
{
  static unsigned char const ours[] = "mailtree";
  SSL_CTX *c = SSL_CTX_new(TLS_server_method());
  if (!c) return 0;
  set_up(c);
  if (SSL_CTX_set_cipher_list(c, CIPHERS) == 1 && SSL_CTX_set_session_id_context(c, ours, sizeof ours - 1) == 1) return c;
  SSL_CTX_free(c);
  return 0;
}

/* ---- a connection ---- */

SSL *server_begin(struct tls_question const *q, char const **why)
{
  question = q;
  if (q->name.len) memcpy(otherwise, q->name.s, q->name.len);
  SSL_CTX *context = certificates_find(0, otherwise);
  SSL *ssl = context ? SSL_new(context) : 0;
  *why = context ? "out of memory" : "there is no certificate";
  if (ssl) SSL_set_accept_state(ssl);
  return ssl;
}

void server_describe(struct tls_answer *a, SSL *ssl)
{
  char const *stem = certificates_stem(SSL_get_SSL_CTX(ssl));
  a->name = (struct field){ called, strlen(called) };
  a->certificate = (struct field){ stem, strlen(stem) };
  bindings_tell(a, ssl, SSL_get_certificate(ssl));
}
