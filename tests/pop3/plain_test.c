#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "plain.h"

static void decoding(void **state)
{
  struct { char const *text; bool good; char const *login; size_t login_len; char const *password; size_t password_len; }
  const cases[] = {
    { "", false, "", 0, "", 0 },
    { "=", false, "", 0, "", 0 },
    { "====", false, "", 0, "", 0 },
    { "===", false, "", 0, "", 0 },
    { "A===", false, "", 0, "", 0 },
    { "AA==", false, "", 0, "", 0 },
    { "*", false, "", 0, "", 0 },
    { "AGpvZQB4=", false, "", 0, "", 0 },
    { "AGpv ZQB4", false, "", 0, "", 0 },
    { "AGpvZQB4\n", false, "", 0, "", 0 },
    { "AGpv=QB4", false, "", 0, "", 0 },
    { "am9l", false, "", 0, "", 0 },
    { "AGpvZQ==", false, "", 0, "", 0 },
    { "AGpvZQA=", false, "", 0, "", 0 },
    { "AAB4", false, "", 0, "", 0 },
    { "AAA=", false, "", 0, "", 0 },
    { "YW5uAGpvZQB4", false, "", 0, "", 0 },
    { "am8Aam9lAHg=", false, "", 0, "", 0 },
    { "AGpvZQB4", true, "joe", 3, "x", 1 },
    { "am9lAGpvZQB4eQ==", true, "joe", 3, "xy", 2 },
    { "AGoA//46ICU=", true, "j", 1, "\377\376: %", 5 },
    { "AGpvZQB4AHk=", true, "joe", 3, "x\000y", 3 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[100];
    struct credentials c;
    strcpy(text, cases[i].text);
    assert_int_equal(plain_decode(&c, text, strlen(text)), cases[i].good);
    if (!cases[i].good) continue;
    assert_int_equal(c.login_len, cases[i].login_len);
    assert_memory_equal(c.login, cases[i].login, c.login_len);
    assert_int_equal(c.password_len, cases[i].password_len);
    assert_memory_equal(c.password, cases[i].password, c.password_len);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(decoding) };
  return cmocka_run_group_tests(tests, 0, 0);
}
