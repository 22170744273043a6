/* The time in front of a line. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "stamp.h"

static struct { char const *line, *decimal, *rest; } const cases[] = {
  { "901967408.113926 info x",                              "901967408.113926",     " info x" },
  { "  901967408.113926\tinfo x",                           "901967408.113926",     "\tinfo x" },
  { "@4000000035c1b0fa06ca57b0 info x",                     "901886192.113924016",  " info x" },
  { "@400000000000000a00000000 x",                          "0.000000000",          " x" },
  { "@400000000000000a3b9ac9ff x",                          "0.999999999",          " x" },
  { "@400000000000000a3b9aca00 x",                          "@400000000000000a3b9aca00", " x" },
  { "@400000000000000900000000 x",                          "@400000000000000900000000", " x" },
  { "@4000000035C1B0FA06CA57B0 x",                          "@4000000035C1B0FA06CA57B0", " x" },
  { "@4000000035c1b0fa06ca57b x",                           "@4000000035c1b0fa06ca57b", " x" },
  { "1998-08-01 10:30:08.113926000 info x",                 "901967408.113926000",  " info x" },
  { "1998-08-01 10:30:08 info x",                           "901967408.000000000",  " info x" },
  { "1998-08-01 info",                                      "1998-08-01",           " info" },
  { "Aug  1 10:30:08 host qmail: 901967408.113926 info x",  "901967408.113926",     " info x" },
  { "Aug  1 10:30:08 host qmail[5]: 901967408.1 info x",    "901967408.1",          " info x" },
  { "Aug  1 10:30:08 host qmail: 1998-08-01 10:30:08.5 x",  "901967408.500000000",  " x" },
  { "Aug  1 10:30:08 host qmail info x",                    "Aug",                  "  1 10:30:08 host qmail info x" },
  { "1998-08-01T10:30:08+02:00 host qmail: 901967408.1 x",  "901967408.1",          " x" },
  { "1998-08-01T10:30:08.113926Z host info x",              "1998-08-01T10:30:08.113926Z", " host info x" },
  { "info msg",                                             "info",                 " msg" },
  { "",                                                     "",                     "" },
  { " ",                                                    "",                     "" },
  { "1234567890123456789012345678901234567890123 x",        "1234567890123456789012345678901234567890", " x" },
};

static void forms(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[STAMP_MAX];
    struct stamp stamp = stamp_find(cases[i].line, strlen(cases[i].line));
    size_t len = stamp_decimal(text, &stamp);
    if (len != strlen(cases[i].decimal) || memcmp(text, cases[i].decimal, len)) fail_msg("%s: %.*s", cases[i].line, (int)len, text);
    assert_string_equal(cases[i].line + stamp.behind, cases[i].rest);
  }
}

static struct { char const *text; int64_t is; } const numbers[] = {
  { "0", 0 }, { "1", 1000000000 }, { "1.5", 1500000000 }, { "1.", 1000000000 }, { "0.000000001", 1 }, { "0.0000000019", 1 },
  { "x", 0 }, { "", 0 }, { "901967408.113926", 901967408113926000 }, { "99999999999999999999", 9223372036000000000 },
  { "9223372035.999999999", 9223372035999999999 },
};

static void nanoseconds(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    assert_int_equal(stamp_nanoseconds((struct field){ numbers[i].text, strlen(numbers[i].text) }), numbers[i].is);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(forms), cmocka_unit_test(nanoseconds) };
  setenv("TZ", "UTC", 1);
  tzset();
  return cmocka_run_group_tests(tests, 0, 0);
}
