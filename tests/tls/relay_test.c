#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "relay.h"

/* ---- a library whose network takes a byte each second, and a clock that goes by what happens ---- */

static int64_t now;
static size_t taken;
static bool has_waited;

int64_t monotonic_ms(void)
{
  return now;
}

int SSL_read(SSL *ssl, void *to, int len)
{
  (void)ssl, (void)to, (void)len;
  return -1;
}

int SSL_write(SSL *ssl, void const *from, int len)
{
  (void)ssl, (void)from;
  has_waited = !has_waited;
  if (has_waited) return -1;
  now += 1000;
  taken++;
  return len > 0;
}

int SSL_get_error(SSL const *ssl, int result)
{
  (void)ssl, (void)result;
  return has_waited ? SSL_ERROR_WANT_WRITE : SSL_ERROR_WANT_READ;
}

int SSL_shutdown(SSL *ssl)
{
  (void)ssl;
  return 1;
}

void ERR_clear_error(void) { }

/* ---- what a program wrote before it ended ---- */

static size_t taken_of(size_t len)
{
  int network[2], plain[2];
  char bytes[1000] = { 0 };
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, network), 0);
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, plain), 0);
  assert_int_equal(write(plain[1], bytes, len), len);
  close(plain[1]);
  close(network[1]);
  taken = 0;
  has_waited = false;
  relay(0, network[0], plain[0]);
  close(network[0]);
  close(plain[0]);
  return taken;
}

static void all_of_it_is_sent(void **state)
{
  (void)state;
  assert_int_equal(taken_of(100), 100);
}

/* Else whoever takes a byte now and then would have his place for hours after the program has gone. */
static void who_takes_it_too_slowly_is_not_waited_for(void **state)
{
  (void)state;
  assert_in_range(taken_of(1000), 119, 122);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(all_of_it_is_sent), cmocka_unit_test(who_takes_it_too_slowly_is_not_waited_for)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
