#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tickets.h"

enum { BEGIN = 1000, TURNS = 10 };

static SSL_CTX *server, *client;

static EVP_PKEY *certify(X509 *x)
{
  EVP_PKEY *key = EVP_EC_gen("P-256");
  assert_non_null(key);
  X509_gmtime_adj(X509_getm_notBefore(x), 0);
  X509_gmtime_adj(X509_getm_notAfter(x), 86400);
  assert_true(X509_set_pubkey(x, key) && X509_sign(x, key, EVP_sha256()));
  return key;
}

static int set_up(void **state)
{
  (void)state;
  X509 *certificate = X509_new();
  EVP_PKEY *key = certify(certificate);
  server = SSL_CTX_new(TLS_server_method());
  client = SSL_CTX_new(TLS_client_method());
  assert_true(SSL_CTX_use_certificate(server, certificate) && SSL_CTX_use_PrivateKey(server, key));
  SSL_CTX_set_session_cache_mode(server, SSL_SESS_CACHE_OFF);
  assert_true(SSL_CTX_set_session_id_context(server, (unsigned char const *)"x", 1));
  tickets_use(server);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  SSL_CTX_free(server);
  SSL_CTX_free(client);
  return 0;
}

/* A client comes, with a ticket or without, and goes with one. */
static SSL_SESSION *come(SSL_SESSION *ticket, bool *known)
{
  char byte;
  BIO *a, *b;
  SSL *s = SSL_new(server), *c = SSL_new(client);
  assert_true(BIO_new_bio_pair(&a, 0, &b, 0));
  SSL_set_bio(s, a, a);
  SSL_set_bio(c, b, b);
  SSL_set_accept_state(s);
  SSL_set_connect_state(c);
  if (ticket) assert_true(SSL_set_session(c, ticket));
  for (int i = 0; i < TURNS; i++) SSL_do_handshake(c), SSL_do_handshake(s);
  assert_int_equal(SSL_write(s, "", 1), 1);
  assert_int_equal(SSL_read(c, &byte, 1), 1);
  *known = SSL_session_reused(s);
  SSL_SESSION *given = SSL_get1_session(c);
  SSL_shutdown(c);
  SSL_shutdown(s);
  SSL_free(s);
  SSL_free(c);
  return given;
}

/* ---- the hour of a key ---- */

static bool is_known_at(SSL_SESSION *ticket, time_t when)
{
  bool known;
  assert_true(tickets_turn(when));
  SSL_SESSION_free(come(ticket, &known));
  return known;
}

static SSL_SESSION *ticket_of(time_t when)
{
  bool known;
  assert_true(tickets_turn(when));
  return come(0, &known);
}

static void a_ticket_is_good_for_its_hour_and_the_next(void **state)
{
  (void)state;
  SSL_SESSION *ticket = ticket_of(BEGIN);
  assert_true(is_known_at(ticket, BEGIN + TICKETS_PERIOD - 1));
  assert_true(is_known_at(ticket, BEGIN + TICKETS_PERIOD));
  assert_true(is_known_at(ticket, BEGIN + 2 * TICKETS_PERIOD - 1));
  assert_false(is_known_at(ticket, BEGIN + 2 * TICKETS_PERIOD));
  SSL_SESSION_free(ticket);
}

static void a_host_that_slept_forgets_all_keys(void **state)
{
  (void)state;
  SSL_SESSION *ticket = ticket_of(BEGIN + 10 * TICKETS_PERIOD);
  assert_false(is_known_at(ticket, BEGIN + 12 * TICKETS_PERIOD));
  SSL_SESSION_free(ticket);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_ticket_is_good_for_its_hour_and_the_next),
    cmocka_unit_test(a_host_that_slept_forgets_all_keys)
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
