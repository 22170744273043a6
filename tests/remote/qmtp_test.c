/* Which MX records speak of QMTP. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "qmtp.h"
#include "remote_qmtp.h"

static void preferences(void **state)
{
  static uint32_t const meant[] = { 12801, 12817, 12833, 12849, 12865, 12881, 12897, 12913, 12929, 12945, 12961, 12977, 12993, 13009, 13025, 13041 };
  size_t count = 0;
  (void)state;
  for (uint32_t p = 0; p <= 65535; p++) {
    if (!qmtp_is_meant(0, p)) continue;
    assert_int_equal(p, meant[count++]);
  }
  assert_int_equal(count, sizeof meant / sizeof *meant);
}

/* The route counts, whatever a preference says. */
static void routes(void **state)
{
  struct smtp_route const quick = { .port = QMTP_PORT }, in_tls = { .port = QMTP_PORT, .tls = true }, slow = { .port = SMTP_PORT };
  (void)state;
  assert_true(qmtp_is_meant(&quick, 0));
  assert_false(qmtp_is_meant(&in_tls, 12801));
  assert_false(qmtp_is_meant(&slow, 12801));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(preferences), cmocka_unit_test(routes) };
  return cmocka_run_group_tests(tests, 0, 0);
}
