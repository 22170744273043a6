/* Lines about sessions: as they are written, and what is none. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tlsrpt.h"

static struct { struct tlsrpt_session s; char const *line; } const sessions[] = {
  { { TLSRPT_STS, "a.b", "mx.a.b", "192.0.2.1", TLSRPT_HOST_MISMATCH }, "sts a.b mx.a.b 192.0.2.1 certificate-host-mismatch" },
  { { TLSRPT_TLSA, "mx.a.b", "mx.a.b", "2001:db8::1", TLSRPT_SUCCESS }, "tlsa mx.a.b mx.a.b 2001:db8::1 success" },
  { { TLSRPT_NO_POLICY, "a.b", 0, "", TLSRPT_FETCH_ERROR }, "no-policy-found a.b - - sts-policy-fetch-error" },
  { { TLSRPT_STS, "a b\n\303", "", 0, TLSRPT_WEBPKI_INVALID }, "sts a?b?? - - sts-webpki-invalid" },
};

static void a_session_is_a_line(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++) {
    char line[TLSRPT_LINE_MAX];
    size_t len = tlsrpt_write(line, sizeof line, &sessions[i].s);
    if (len != strlen(sessions[i].line) || memcmp(line, sessions[i].line, len) != 0) fail_msg("%s", sessions[i].line);
    assert_true(tlsrpt_is_line(line, len));
    assert_int_equal(tlsrpt_write(line, len, &sessions[i].s), 0);
  }
  char line[TLSRPT_LINE_MAX], name[300];
  memset(name, 'a', sizeof name);
  name[256] = 0;
  assert_int_equal(tlsrpt_write(line, sizeof line, &(struct tlsrpt_session){ TLSRPT_STS, name, 0, 0, 0 }), 0);
  assert_int_equal(tlsrpt_write(line, sizeof line, &(struct tlsrpt_session){ TLSRPT_STS, 0, name, 0, 0 }), 0);
}

static char const *const none[] = {
  "", "sts", "sts a b c", "sts a b c success d", "sts a b  success", "STS a b c success", "sts a b c successful", " sts a b c success",
  "sts a b c success ", "sts a\tb c success", "sts a b c\n success", "other a b c success", "sts a b \177 success"
};

static void what_is_none(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    if (tlsrpt_is_line(none[i], strlen(none[i]))) fail_msg("%s", none[i]);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(a_session_is_a_line), cmocka_unit_test(what_is_none) };
  return cmocka_run_group_tests(tests, 0, 0);
}
