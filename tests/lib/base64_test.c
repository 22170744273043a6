#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base64.h"

/* RFC 4648 section 10. */
static void there_and_back(void **state)
{
  struct { char const *text, *encoded; } const cases[] = {
    { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
    { "foobar", "Zm9vYmFy" }, { "\377\376\373", "//77" }
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char to[20];
    size_t len = base64_encode(to, cases[i].text, strlen(cases[i].text)), decoded;
    assert_int_equal(len, BASE64_LEN(strlen(cases[i].text)));
    assert_int_equal(len, strlen(cases[i].encoded));
    assert_memory_equal(to, cases[i].encoded, len);
    assert_true(base64_is_exact(to, len));
    assert_true(base64_decode(to, len, &decoded));
    assert_int_equal(decoded, strlen(cases[i].text));
    assert_memory_equal(to, cases[i].text, decoded);
  }
}

static void bits_to_spare(void **state)
{
  struct { char const *text; bool exact; } const cases[] = {
    { "Zg==", true }, { "Zh==", false }, { "Zv==", false }, { "Zm8=", true }, { "Zm9=", false }, { "Zm+=", false },
    { "Zm9v", true }, { "=", false }, { "==", false }
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(base64_is_exact(cases[i].text, strlen(cases[i].text)), cases[i].exact);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(there_and_back), cmocka_unit_test(bits_to_spare) };
  return cmocka_run_group_tests(tests, 0, 0);
}
