/* The Received field. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "received.h"

#define DATE "; 1 Jan 1970 00:00:00 -0000\n"

static struct { struct received r; char const *field; } const cases[] = {
  { { "unknown", "unknown", "unknown", 0, 0, 0, false, 0, 0, false, false, false, 0 }, "Received: from unknown (unknown)\n  by unknown with SMTP" DATE },
  { { "h", "1.2.3.4", "l", 0, "h", 1, true, 0, 0, false, false, false, 0 }, "Received: from h (1.2.3.4)\n  by l with ESMTP" DATE },
  { { "h", "1.2.3.4", "l", 0, "H", 1, true, 0, 0, false, false, false, 0 }, "Received: from h (1.2.3.4)\n  by l with ESMTP" DATE },
  { { "h", "1.2.3.4", "l", 0, "", 0, false, 0, 0, false, false, false, 0 }, "Received: from h (HELO ) (1.2.3.4)\n  by l with SMTP" DATE },
  { { "h", "1.2.3.4", "l", 0, "hh", 2, false, 0, 0, false, false, false, 0 }, "Received: from h (HELO hh) (1.2.3.4)\n  by l with SMTP" DATE },
  { { "hh", "1.2.3.4", "l", 0, "h", 1, false, 0, 0, false, false, false, 0 }, "Received: from hh (HELO h) (1.2.3.4)\n  by l with SMTP" DATE },
  { { "h", "1.2.3.4", "l", "joe", "h", 1, false, 0, 0, false, false, false, 0 }, "Received: from h (joe@1.2.3.4)\n  by l with SMTP" DATE },
  { { "h", "1.2.3.4", "l", "", "h", 1, false, 0, 0, false, false, false, 0 }, "Received: from h (@1.2.3.4)\n  by l with SMTP" DATE },
  { { "h", "i", "l", 0, 0, 0, false, "17.4", 0, false, false, false, 0 }, "Received: from h (i)\n  by l with SMTP id 17.4" DATE },
  { { "h", "i", "l", 0, 0, 0, true, "17.4", "a b@c", false, false, false, 0 }, "Received: from h (i)\n  by l with ESMTP id 17.4 for <a?b@c>" DATE },
  { { "h", "i", "l", 0, 0, 0, true, 0, 0, true, false, false, 0 }, "Received: from h (i)\n  by l with ESMTPS" DATE },
  { { "h", "i", "l", 0, 0, 0, true, 0, 0, false, true, false, 0 }, "Received: from h (i)\n  by l with ESMTPA" DATE },
  { { "h", "i", "l", 0, 0, 0, true, 0, 0, true, true, false, 0 }, "Received: from h (i)\n  by l with ESMTPSA" DATE },
  { { "h", "i", "l", 0, 0, 0, false, 0, 0, true, false, false, 0 }, "Received: from h (i)\n  by l with SMTP" DATE },
  { { "h", "i", "l", 0, 0, 0, true, 0, 0, false, false, true, 0 }, "Received: from h (i)\n  by l with UTF8SMTP" DATE },
  { { "h", "i", "l", 0, 0, 0, true, 0, 0, true, true, true, 0 }, "Received: from h (i)\n  by l with UTF8SMTPSA" DATE },
  { { "h", "i", "l", 0, 0, 0, false, 0, 0, true, false, true, "QMTP" }, "Received: from h (i)\n  by l with QMTP" DATE },
  { { "h h", "::1", "l(x)", "a\nb", "[::1]", 5, false, 0, 0, false, false, false, 0 },
    "Received: from h?h (HELO [::1]) (a?b@::1)\n  by l?x? with SMTP" DATE },
  { { "h", "i", "l", 0, "a.@%+/=:-_9Z\0\200", 14, false, 0, 0, false, false, false, 0 },
    "Received: from h (HELO a.@%+/=:-?9Z?" "?) (i)\n  by l with SMTP" DATE },
};

static void fields(void **state)
{
  stralloc to = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    to.len = 0;
    assert_true(received_field(&to, &cases[i].r, 0));
    assert_int_equal(to.len, strlen(cases[i].field));
    assert_memory_equal(to.s, cases[i].field, to.len);
  }
  stralloc_free(&to);
}

/* Of a longer word the first 255 bytes are shown. */
static void word_limit(void **state)
{
  char helo[RECEIVED_WORD_MAX + 1];
  stralloc to = STRALLOC_ZERO;
  (void)state;
  memset(helo, 'x', sizeof helo);
  for (size_t len = RECEIVED_WORD_MAX - 1; len <= RECEIVED_WORD_MAX + 1; len++) {
    struct received const r = { "h", "i", "l", 0, helo, len, false, 0, 0, false, false, false, 0 };
    to.len = 0;
    assert_true(received_field(&to, &r, 0));
    size_t frame = strlen("Received: from h (HELO ) (i)\n  by l with SMTP" DATE);
    assert_int_equal(to.len, frame + (len > RECEIVED_WORD_MAX ? RECEIVED_WORD_MAX : len));
  }
  stralloc_free(&to);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(fields), cmocka_unit_test(word_limit) };
  return cmocka_run_group_tests(tests, 0, 0);
}
