/* Numbers and texts that scripts look for. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vcode.h"

static struct { int code; char const *text; int exit, old; } const codes[] = {
  { 0, "Success", 0, 0 },
  { -1, "Illegal username", 100, 255 },
  { -2, "Username exists", 1, 254 },
  { -3, "Unable to chdir to vpopmail directory", 111, 253 },
  { -10, "User does not exist", 1, 246 },
  { -11, "Domain does not exist", 1, 245 },
  { -12, "Invalid domain name", 100, 244 },
  { -13, "Domain already exists", 1, 243 },
  { -17, "Could not update file", 111, 239 },
  { -20, "bad character", 100, 236 },
  { -21, "Unknown error", 111, 235 },
  { -22, "running as invalid uid", 100, 234 },
  { -23, "no authentication database connection", 111, 233 },
  { -24, "memory allocation error", 111, 232 },
  { -25, "user name too long (max=64)", 100, 231 },
  { -29, "quota too long (max=20)", 100, 227 },
  { -34, "invalid email character", 100, 222 },
  { -37, "can't read users/assign file", 111, 219 },
  { -38, "Unknown error", 111, 218 },
  { -44, "Unknown error", 111, 212 },
  { -45, "parsing database configuration file: host for reading", 111, 211 },
  { -54, "parsing database configuration file: database for updating", 111, 202 },
  { -55, "can't delete catchall account", 1, 201 },
  { -74, "password has a ratio of upper to lower case that is not allowed", 100, 182 },
  { -75, "Unknown error", 111, 181 },
  { -90, "users of this domain are kept in a directory, and changed only there", 100, 166 },
  { 1, "Unknown error", 111, 1 },
};

static void texts_and_exit_codes(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    assert_string_equal(vcode_text(codes[i].code), codes[i].text);
    assert_int_equal(vcode_exit(codes[i].code, false), codes[i].exit);
    assert_int_equal(vcode_exit(codes[i].code, true), codes[i].old);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(texts_and_exit_codes) };
  return cmocka_run_group_tests(tests, 0, 0);
}
