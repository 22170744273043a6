/* Counting hops, in one piece and byte by byte. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hops.h"

static struct { char const *message; unsigned hops; } const cases[] = {
  { "", 0 },
  { "Received", 1 },
  { "RECEIVED: x\n", 1 },
  { "rEcEiVeDx\n", 1 },
  { "Receive: d\n", 0 },
  { "Delivere\n", 0 },
  { "Delivered", 1 },
  { "delivered-to: a\nDelivered-To: b\n", 2 },
  { " Received: x\n", 0 },
  { "X-Received: x\n", 0 },
  { "Subject: x\nReceived: x\n\nReceived: y\n", 1 },
  { "\nReceived: y\n", 0 },
  { "a\n\nb\nReceived: y\n", 0 },
  { "Received: a\n\tby b\nReceived: c\n", 2 },
};

static void counts(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct hops whole = { 0 }, bytes = { 0 };
    char const *s = cases[i].message;
    hops_take(&whole, s, strlen(s));
    for (size_t k = 0; s[k]; k++) hops_take(&bytes, s + k, 1);
    assert_int_equal(whole.count, cases[i].hops);
    assert_int_equal(bytes.count, cases[i].hops);
  }
}

static void limit(void **state)
{
  struct hops h = { 0 };
  (void)state;
  for (unsigned i = 1; i <= HOPS_MAX + 1; i++) {
    hops_take(&h, "Received: x\n", 12);
    assert_int_equal(hops_too_many(&h), i >= 100);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(counts), cmocka_unit_test(limit) };
  return cmocka_run_group_tests(tests, 0, 0);
}
