/* Connections change hands, and their secrecy is compared. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "remote_connection.h"

static bool is_open(int fd)
{
  return fcntl(fd, F_GETFD) != -1;
}

static void each_descriptor_is_closed_once(void **state)
{
  struct connection c = CONNECTION_NONE, d = CONNECTION_NONE;
  int p[2];
  (void)state;
  connection_close(&c);
  assert_int_equal(pipe(p), 0);
  c.in = p[0], c.out = p[1];
  connection_move(&d, &c);
  assert_true(c.in == -1 && c.out == -1 && d.in == p[0] && d.out == p[1]);
  connection_close(&c);
  assert_true(is_open(p[0]) && is_open(p[1]));
  connection_close(&d);
  assert_false(is_open(p[0]) || is_open(p[1]));
  assert_true(d.in == -1 && d.out == -1);
}

static void it_is_known_who_is_not_reached(void **state)
{
  struct connection c = CONNECTION_NONE;
  ip46 ip;
  (void)state;
  assert_int_equal(ip46_scan("127.0.0.1", &ip), 9);
  assert_int_equal(connection_make(&c, 0, &ip, 0, 5), CONNECTION_FAILED);
  assert_true(c.in == -1 && c.port == 0 && !c.secrecy.encrypted);
  assert_string_equal(c.ip, "127.0.0.1");
}

static void more_secrecy_than_asked_for_will_do(void **state)
{
  struct secrecy const plain = { .encrypted = false }, secret = { .encrypted = true },
                       known = { .encrypted = true, .proof = TLS_NAMED };
  (void)state;
  assert_true(secrecy_suffices(&known, &secret) && secrecy_suffices(&known, &plain) && !secrecy_suffices(&secret, &known));
  assert_true(secrecy_suffices(&plain, &plain) && secrecy_suffices(&secret, &plain) && secrecy_suffices(&secret, &secret));
  assert_false(secrecy_suffices(&plain, &secret));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(each_descriptor_is_closed_once), cmocka_unit_test(it_is_known_who_is_not_reached),
    cmocka_unit_test(more_secrecy_than_asked_for_will_do),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
