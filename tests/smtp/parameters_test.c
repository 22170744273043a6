/* The ESMTP words behind an address. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parameters.h"

static struct { char const *text; enum parameters_result result; uint64_t size; } const of_mail[] = {
  { "", PARAMETERS_OK, 0 },
  { "   ", PARAMETERS_OK, 0 },
  { " SIZE=0", PARAMETERS_OK, 0 },
  { " SIZE=00000000000000000001", PARAMETERS_OK, 1 },
  { "size=12  BODY=8bitmime ", PARAMETERS_OK, 12 },
  { " BODY=7BIT", PARAMETERS_OK, 0 },
  { " SIZE=18446744073709551615", PARAMETERS_OK, UINT64_MAX },
  { " SIZE=18446744073709551616", PARAMETERS_OK, UINT64_MAX },
  { " SIZE=99999999999999999999", PARAMETERS_OK, UINT64_MAX },
  { " SIZE=100000000000000000000", PARAMETERS_BAD_VALUE, 0 },
  { " SIZE", PARAMETERS_BAD_VALUE, 0 },
  { " SIZE=", PARAMETERS_BAD_VALUE, 0 },
  { " SIZE=-1", PARAMETERS_BAD_VALUE, 0 },
  { " SIZE=+1", PARAMETERS_BAD_VALUE, 0 },
  { " SIZE=1x", PARAMETERS_BAD_VALUE, 0 },
  { " SIZE=1 SIZE=1", PARAMETERS_BAD_VALUE, 0 },
  { " SIZE =1", PARAMETERS_BAD_VALUE, 0 },
  { " BODY", PARAMETERS_BAD_VALUE, 0 },
  { " BODY=BINARYMIME", PARAMETERS_BAD_VALUE, 0 },
  { " BODY=7BIT BODY=7BIT", PARAMETERS_BAD_VALUE, 0 },
  { " SIZES=1", PARAMETERS_UNKNOWN, 0 },
  { " SIZ=1", PARAMETERS_UNKNOWN, 0 },
  { " =1", PARAMETERS_UNKNOWN, 0 },
  { " =", PARAMETERS_UNKNOWN, 0 },
  { "\tSIZE=1", PARAMETERS_UNKNOWN, 0 },
  { " AUTH=<>", PARAMETERS_OK, 0 },
  { " SIZE=9 auth=e+3Dmc2@example.com BODY=7BIT", PARAMETERS_OK, 9 },
  { " AUTH=", PARAMETERS_BAD_VALUE, 0 },
  { " AUTH", PARAMETERS_BAD_VALUE, 0 },
  { " AUTH=<> AUTH=<>", PARAMETERS_BAD_VALUE, 0 },
  { " RET=HDRS", PARAMETERS_UNKNOWN, 0 },
  { " ENVID=x", PARAMETERS_UNKNOWN, 0 },
  { " SMTPUTF8", PARAMETERS_UNKNOWN, 0 },
  { " >", PARAMETERS_UNKNOWN, 0 },
};

static void words_of_mail(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof of_mail / sizeof *of_mail; i++) {
    struct mail_parameters p;
    assert_int_equal(parameters_of_mail(&p, of_mail[i].text, strlen(of_mail[i].text)), of_mail[i].result);
    if (of_mail[i].result == PARAMETERS_OK) assert_true(p.size == of_mail[i].size);
  }
}

static void words_of_rcpt(void **state)
{
  (void)state;
  assert_int_equal(parameters_of_rcpt("", 0), PARAMETERS_OK);
  assert_int_equal(parameters_of_rcpt("  ", 2), PARAMETERS_OK);
  assert_int_equal(parameters_of_rcpt(" NOTIFY=NEVER", 13), PARAMETERS_UNKNOWN);
  assert_int_equal(parameters_of_rcpt(" ORCPT=rfc822;a@b", 17), PARAMETERS_UNKNOWN);
  assert_int_equal(parameters_of_rcpt("x", 1), PARAMETERS_UNKNOWN);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(words_of_mail), cmocka_unit_test(words_of_rcpt) };
  return cmocka_run_group_tests(tests, 0, 0);
}
