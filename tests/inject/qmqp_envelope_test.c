/* The envelope of qmail-queue as netstrings. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "qmqp_envelope.h"

#define ENVELOPE(s) s, sizeof s - 1

static struct { char const *text; size_t len; enum qmqp_envelope result; char const *netstrings; } const cases[] = {
  { ENVELOPE("Fa@b\0Tc@d\0Te\0\0"), QMQP_ENVELOPE_WHOLE, "3:a@b,3:c@d,1:e," },
  { ENVELOPE("F\0\0"), QMQP_ENVELOPE_WHOLE, "0:," },
  { ENVELOPE("F\0T\0\0behind"), QMQP_ENVELOPE_WHOLE, "0:,0:," },
  { ENVELOPE("Fa\0rFULL\0i\0Tb\0nNEVER\0Tc\0\0"), QMQP_ENVELOPE_WHOLE, "1:a,1:b,1:c," },
  { ENVELOPE(""), QMQP_ENVELOPE_SHORT, 0 },
  { ENVELOPE("F"), QMQP_ENVELOPE_SHORT, 0 },
  { ENVELOPE("Fa\0"), QMQP_ENVELOPE_SHORT, 0 },
  { ENVELOPE("Fa\0Tb\0"), QMQP_ENVELOPE_SHORT, 0 },
  { ENVELOPE("Fa\0Tb"), QMQP_ENVELOPE_SHORT, 0 },
  { ENVELOPE("\0"), QMQP_ENVELOPE_MALFORMED, 0 },
  { ENVELOPE("Tb\0\0"), QMQP_ENVELOPE_MALFORMED, 0 },
  { ENVELOPE("Fa\0Fb\0\0"), QMQP_ENVELOPE_MALFORMED, 0 },
  { ENVELOPE("rFULL\0Fa\0\0"), QMQP_ENVELOPE_MALFORMED, 0 },
  { ENVELOPE("Fa\0?\0\0"), QMQP_ENVELOPE_MALFORMED, 0 },
};

static void envelopes(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    stralloc to = STRALLOC_ZERO;
    enum qmqp_envelope r = qmqp_envelope_take(&to, cases[i].text, cases[i].len);
    if (r != cases[i].result) fail_msg("case %zu: %d", i, (int)r);
    if (r == QMQP_ENVELOPE_WHOLE) {
      assert_int_equal(to.len, strlen(cases[i].netstrings));
      assert_memory_equal(to.s, cases[i].netstrings, to.len);
    }
    stralloc_free(&to);
  }
}

static void address_limit(void **state)
{
  (void)state;
  for (size_t len = QMQP_ADDRESS_MAX - 1; len <= QMQP_ADDRESS_MAX + 1; len++) {
    char text[QMQP_ADDRESS_MAX + 8] = "F";
    stralloc to = STRALLOC_ZERO;
    memset(text + 1, 'x', len);
    enum qmqp_envelope r = qmqp_envelope_take(&to, text, 1 + len + 2);
    assert_int_equal(r, len > QMQP_ADDRESS_MAX ? QMQP_ENVELOPE_TOO_LONG : QMQP_ENVELOPE_WHOLE);
    stralloc_free(&to);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(envelopes), cmocka_unit_test(address_limit) };
  return cmocka_run_group_tests(tests, 0, 0);
}
