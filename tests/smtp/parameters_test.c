/* The ESMTP words behind an address. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "parameters.h"

/* The extras as words behind the result. */
static struct { char const *text; enum parameters_result result; uint64_t size; char const *extras; } const of_mail[] = {
  { "", PARAMETERS_OK, 0, "" },
  { "   ", PARAMETERS_OK, 0, "" },
  { " SIZE=0", PARAMETERS_OK, 0, "" },
  { " SIZE=00000000000000000001", PARAMETERS_OK, 1, "" },
  { "size=12  BODY=8bitmime ", PARAMETERS_OK, 12, "" },
  { " BODY=7BIT", PARAMETERS_OK, 0, "" },
  { " SIZE=18446744073709551615", PARAMETERS_OK, UINT64_MAX, "" },
  { " SIZE=18446744073709551616", PARAMETERS_OK, UINT64_MAX, "" },
  { " SIZE=99999999999999999999", PARAMETERS_OK, UINT64_MAX, "" },
  { " SIZE=100000000000000000000", PARAMETERS_BAD_VALUE, 0, "" },
  { " SIZE", PARAMETERS_BAD_VALUE, 0, "" },
  { " SIZE=", PARAMETERS_BAD_VALUE, 0, "" },
  { " SIZE=-1", PARAMETERS_BAD_VALUE, 0, "" },
  { " SIZE=+1", PARAMETERS_BAD_VALUE, 0, "" },
  { " SIZE=1x", PARAMETERS_BAD_VALUE, 0, "" },
  { " SIZE=1 SIZE=1", PARAMETERS_BAD_VALUE, 0, "" },
  { " SIZE =1", PARAMETERS_BAD_VALUE, 0, "" },
  { " BODY", PARAMETERS_BAD_VALUE, 0, "" },
  { " BODY=BINARYMIME", PARAMETERS_BAD_VALUE, 0, "" },
  { " BODY=7BIT BODY=7BIT", PARAMETERS_BAD_VALUE, 0, "" },
  { " SIZES=1", PARAMETERS_UNKNOWN, 0, "" },
  { " SIZ=1", PARAMETERS_UNKNOWN, 0, "" },
  { " =1", PARAMETERS_UNKNOWN, 0, "" },
  { " =", PARAMETERS_UNKNOWN, 0, "" },
  { "\tSIZE=1", PARAMETERS_UNKNOWN, 0, "" },
  { " AUTH=<>", PARAMETERS_OK, 0, "" },
  { " SIZE=9 auth=e+3Dmc2@example.com BODY=7BIT", PARAMETERS_OK, 9, "" },
  { " AUTH=", PARAMETERS_BAD_VALUE, 0, "" },
  { " AUTH", PARAMETERS_BAD_VALUE, 0, "" },
  { " AUTH=<> AUTH=<>", PARAMETERS_BAD_VALUE, 0, "" },
  { " RET=HDRS", PARAMETERS_OK, 0, "rHDRS" },
  { " ret=full ENVID=QQ314159", PARAMETERS_OK, 0, "rFULL eQQ314159" },
  { " SIZE=3 envid=a+2Bb+20 RET=FULL BODY=7BIT", PARAMETERS_OK, 3, "ea+2Bb+20 rFULL" },
  { " RET", PARAMETERS_BAD_VALUE, 0, "" },
  { " RET=", PARAMETERS_BAD_VALUE, 0, "" },
  { " RET=SOME", PARAMETERS_BAD_VALUE, 0, "" },
  { " RET=FULL RET=FULL", PARAMETERS_BAD_VALUE, 0, "" },
  { " ENVID=", PARAMETERS_BAD_VALUE, 0, "" },
  { " ENVID=a+", PARAMETERS_BAD_VALUE, 0, "" },
  { " ENVID=a+2b", PARAMETERS_BAD_VALUE, 0, "" },
  { " ENVID=a=b", PARAMETERS_BAD_VALUE, 0, "" },
  { " ENVID=a+0D+0ABcc:", PARAMETERS_BAD_VALUE, 0, "" },
  { " ENVID=a\xc3\xa9", PARAMETERS_BAD_VALUE, 0, "" },
  { " ENVID=a ENVID=b", PARAMETERS_BAD_VALUE, 0, "" },
  { " NOTIFY=NEVER", PARAMETERS_UNKNOWN, 0, "" },
  { " ORCPT=rfc822;a@b", PARAMETERS_UNKNOWN, 0, "" },
  { " SMTPUTF8", PARAMETERS_OK, 0, "i" },
  { " SIZE=1 smtputf8 RET=HDRS", PARAMETERS_OK, 1, "i rHDRS" },
  { " SMTPUTF8=", PARAMETERS_BAD_VALUE, 0, "" },
  { " SMTPUTF8=x", PARAMETERS_BAD_VALUE, 0, "" },
  { " SMTPUTF8 SMTPUTF8", PARAMETERS_BAD_VALUE, 0, "" },
  { " >", PARAMETERS_UNKNOWN, 0, "" },
};

static struct { char const *text; enum parameters_result result; char const *extras; } const of_rcpt[] = {
  { "", PARAMETERS_OK, "" },
  { "  ", PARAMETERS_OK, "" },
  { "x", PARAMETERS_UNKNOWN, "" },
  { " SIZE=1", PARAMETERS_UNKNOWN, "" },
  { " SMTPUTF8", PARAMETERS_UNKNOWN, "" },
  { " RET=FULL", PARAMETERS_UNKNOWN, "" },
  { " NOTIFY=NEVER", PARAMETERS_OK, "nNEVER" },
  { " notify=delay,success  orcpt=rfc822;a+2Bb@c ", PARAMETERS_OK, "nSUCCESS,DELAY orfc822;a+2Bb@c" },
  { " ORCPT=utf-8;\\x{E9}@b NOTIFY=FAILURE", PARAMETERS_OK, "outf-8;\\x{E9}@b nFAILURE" },
  { " ORCPT=utf-8;\xc3\xa9@b NOTIFY=FAILURE", PARAMETERS_BAD_VALUE, "" },
  { " NOTIFY", PARAMETERS_BAD_VALUE, "" },
  { " NOTIFY=", PARAMETERS_BAD_VALUE, "" },
  { " NOTIFY=NEVER,DELAY", PARAMETERS_BAD_VALUE, "" },
  { " NOTIFY=DELAY,", PARAMETERS_BAD_VALUE, "" },
  { " NOTIFY=ALWAYS", PARAMETERS_BAD_VALUE, "" },
  { " NOTIFY=DELAY NOTIFY=DELAY", PARAMETERS_BAD_VALUE, "" },
  { " ORCPT=", PARAMETERS_BAD_VALUE, "" },
  { " ORCPT=a@b", PARAMETERS_BAD_VALUE, "" },
  { " ORCPT=rfc822;", PARAMETERS_BAD_VALUE, "" },
  { " ORCPT=rfc822;a+0Ab", PARAMETERS_BAD_VALUE, "" },
  { " ORCPT=rfc822;a@b ORCPT=rfc822;a@b", PARAMETERS_BAD_VALUE, "" }
};

static void expect_extras(struct parameters const *p, char const *wanted)
{
  char words[2048] = "", *to = words;
  for (size_t i = 0; i < p->count; i++)
    to += sprintf(to, "%s%c%.*s", i ? " " : "", p->extras[i].letter, (int)p->extras[i].value.len, p->extras[i].value.s);
  assert_string_equal(words, wanted ? wanted : "");
}

static void words_of_mail(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof of_mail / sizeof *of_mail; i++) {
    struct parameters p;
    enum parameters_result r = parameters_of_mail(&p, PARAMETERS_DSN | PARAMETERS_UTF8, of_mail[i].text, strlen(of_mail[i].text));
    if (r != of_mail[i].result) fail_msg("%s: %d", of_mail[i].text, r);
    if (r != PARAMETERS_OK) continue;
    assert_true(p.size == of_mail[i].size);
    expect_extras(&p, of_mail[i].extras);
  }
}

/* What is not offered is not known, whatever its value. */
static void words_that_are_not_offered(void **state)
{
  (void)state;
  struct parameters p;
  assert_int_equal(parameters_of_mail(&p, 0, " RET=HDRS", 9), PARAMETERS_UNKNOWN);
  assert_int_equal(parameters_of_mail(&p, 0, " ENVID=", 7), PARAMETERS_UNKNOWN);
  assert_int_equal(parameters_of_mail(&p, PARAMETERS_DSN, " SMTPUTF8", 9), PARAMETERS_UNKNOWN);
  assert_int_equal(parameters_of_mail(&p, 0, " SIZE=1", 7), PARAMETERS_OK);
  assert_int_equal(parameters_of_rcpt(&p, 0, " NOTIFY=NEVER", 13), PARAMETERS_UNKNOWN);
  assert_int_equal(parameters_of_rcpt(&p, 0, " ORCPT=x", 8), PARAMETERS_UNKNOWN);
}

static void values_have_a_bound(void **state)
{
  (void)state;
  struct parameters p;
  char text[600];
  memset(text, 'a', sizeof text);
  memcpy(text, " ENVID=", 7);
  assert_int_equal(parameters_of_mail(&p, PARAMETERS_DSN, text, 7 + 100), PARAMETERS_OK);
  assert_int_equal(parameters_of_mail(&p, PARAMETERS_DSN, text, 7 + 101), PARAMETERS_BAD_VALUE);
  memcpy(text, " ORCPT=rfc822;", 14);
  assert_int_equal(parameters_of_rcpt(&p, PARAMETERS_DSN, text, 7 + 500), PARAMETERS_OK);
  assert_int_equal(parameters_of_rcpt(&p, PARAMETERS_DSN, text, 7 + 501), PARAMETERS_BAD_VALUE);
}

static void words_of_rcpt(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof of_rcpt / sizeof *of_rcpt; i++) {
    struct parameters p;
    enum parameters_result r = parameters_of_rcpt(&p, PARAMETERS_DSN, of_rcpt[i].text, strlen(of_rcpt[i].text));
    if (r != of_rcpt[i].result) fail_msg("%s: %d", of_rcpt[i].text, r);
    if (r == PARAMETERS_OK) expect_extras(&p, of_rcpt[i].extras);
  }
}

static struct { char const *text, *extras; } const wide[] = {
  { " ORCPT=utf-8;\xc3\xa9@b NOTIFY=FAILURE", "outf-8;\\x{E9}@b nFAILURE" },
  { " ORCPT=utf-8;\\x{E9}\xf0\x9f\x98\x80@b", "outf-8;\\x{E9}\\x{1F600}@b" },
  { " ORCPT=rfc822;a@b", "orfc822;a@b" },
  { " ORCPT=rfc822;\xc3\xa9@b", 0 },
  { " ORCPT=utf-8;\xe9@b", 0 },
};

/* For who has asked for SMTPUTF8. */
static void originals_beyond_ascii_become_ascii(void **state)
{
  (void)state;
  struct parameters p;
  unsigned offered = PARAMETERS_DSN | PARAMETERS_UTF8;
  for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
    enum parameters_result r = parameters_of_rcpt(&p, offered, wide[i].text, strlen(wide[i].text));
    assert_int_equal(r, wide[i].extras ? PARAMETERS_OK : PARAMETERS_BAD_VALUE);
    if (wide[i].extras) expect_extras(&p, wide[i].extras);
  }
  char text[500] = " ORCPT=utf-8;";
  for (size_t i = 0; i < 83; i++) strcat(text, "\xc3\xa9");
  assert_int_equal(parameters_of_rcpt(&p, offered, text, strlen(text) - 2), PARAMETERS_OK);
  assert_int_equal(parameters_of_rcpt(&p, offered, text, strlen(text)), PARAMETERS_BAD_VALUE);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(words_of_mail), cmocka_unit_test(words_of_rcpt), cmocka_unit_test(words_that_are_not_offered),
    cmocka_unit_test(values_have_a_bound), cmocka_unit_test(originals_beyond_ascii_become_ascii)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
