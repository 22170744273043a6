#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "bindings.h"
#include "client.h"
#include "sessions.h"

static SSL_CTX *context;
static struct tls_question const *question;

/* ---- what a server must show ---- */

/* The others are nobody's business (RFC 7672 3.1.3); the library would take them. */
enum { AUTHORITY = 2, END_ENTITY = 3 };

static size_t add_records(SSL *ssl)
{
  struct field rest = question->tlsa;
  struct tls_tlsa r;
  size_t usable = 0;
  while (tls_tlsa_next(&rest, &r))
    if (r.usage == AUTHORITY || r.usage == END_ENTITY)
      usable += SSL_dane_tlsa_add(ssl, r.usage, r.selector, r.type, (unsigned char const *)r.data.s, r.data.len) > 0;
  return usable;
}

static bool add_names(SSL *ssl)
{
  struct field rest = question->names;
  char const *name;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  while (tls_name_next(&rest, &name))
    if (SSL_add1_host(ssl, name) != 1) return false;
  return true;
}

/* A client that asks for any server takes a weak one, too: without it there would be plain text. */
static char const *make_demands(SSL *ssl, char const *name)
{
  if (question->proof == TLS_ANYBODY) SSL_set_security_level(ssl, 1);
  if (*name && SSL_set_tlsext_host_name(ssl, name) != 1) return "this name cannot be called";
  if (question->proof != TLS_DANE) return add_names(ssl) ? 0 : "out of memory";
  if (SSL_dane_enable(ssl, *name ? name : 0) <= 0) return "out of memory";
  SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
  if (!add_names(ssl)) return "out of memory";
  return add_records(ssl) ? 0 : "no TLSA record is usable";
}

static unsigned char const *offers[TLS_SERVICES] = {
  [TLS_SMTP] = (unsigned char const *)"\4smtp", [TLS_POP3] = (unsigned char const *)"\4pop3", [TLS_IMAP] = (unsigned char const *)"\4imap"
};

bool client_set_up(void)
{
  context = SSL_CTX_new(TLS_client_method());
  if (!context) return false;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, 0);
  SSL_CTX_set_default_verify_paths(context);
  return SSL_CTX_dane_enable(context) == 1 && sessions_set_up(context);
}

SSL *client_begin(struct tls_question const *q, int network, char const **why)
{
  static char name[TLS_NAME_MAX + 1];
  question = q;
  if (q->name.len) memcpy(name, q->name.s, q->name.len);
  SSL *ssl = SSL_new(context);
  *why = ssl ? make_demands(ssl, name) : "out of memory";
  if (*why) return 0;
  if (offers[q->service]) SSL_set_alpn_protos(ssl, offers[q->service], 5);
  SSL_set_connect_state(ssl);
  sessions_offer(ssl, q, network);
  return ssl;
}

/* ---- what it has shown ---- */

static struct { long result; enum tls_flaw flaw; } const flaws[] = {
  { X509_V_ERR_HOSTNAME_MISMATCH, TLS_OTHER_NAME },
  { X509_V_ERR_CERT_HAS_EXPIRED, TLS_OUT_OF_DATE },
  { X509_V_ERR_CERT_NOT_YET_VALID, TLS_OUT_OF_DATE },
  { X509_V_ERR_DANE_NO_MATCH, TLS_NO_TLSA_AGREES },
  { X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, TLS_UNKNOWN_ISSUER },
  { X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, TLS_UNKNOWN_ISSUER },
  { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, TLS_UNKNOWN_ISSUER },
  { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, TLS_UNKNOWN_ISSUER },
  { X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, TLS_UNKNOWN_ISSUER }
};
enum { FLAWS = sizeof flaws / sizeof *flaws };

static enum tls_flaw flaw_of(long result)
{
  for (size_t i = 0; i < FLAWS; i++)
    if (flaws[i].result == result) return flaws[i].flaw;
  return TLS_OTHER_FLAW;
}

static void tell(struct field *to, char const *s)
{
  *to = (struct field){ s, s ? strlen(s) : 0 };
}

/* Success proves something only if there was something to compare with. Who comes back with the session of an earlier time
   brings with it what was found then, by the same question. */
static void judge(struct tls_answer *a, SSL *ssl)
{
  long result = SSL_get_verify_result(ssl);
  bool by_record = question->proof == TLS_DANE;
  bool compared = by_record ? SSL_session_reused(ssl) || SSL_get0_dane_authority(ssl, 0, 0) >= 0 : question->names.len > 0;
  if (result == X509_V_OK && compared && SSL_get0_peer_certificate(ssl)) {
    a->proof = by_record ? TLS_DANE : TLS_NAMED;
  } else {
    a->flaw = result != X509_V_OK ? flaw_of(result) : by_record ? TLS_NO_TLSA_AGREES : TLS_OTHER_NAME;
    tell(&a->why, result != X509_V_OK ? X509_verify_cert_error_string(result) : "nothing to compare its certificate with");
  }
}

void client_describe(struct tls_answer *a, SSL *ssl)
{
  judge(a, ssl);
  tell(&a->certificate, SSL_get0_peername(ssl));
  tell(&a->name, SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
  bindings_tell(a, ssl, SSL_get0_peer_certificate(ssl));
}
