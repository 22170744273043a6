/* MTA-STS: records and policies, the odd ones first; which servers they allow. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sts.h"

static struct { char const *text; bool is_one; char const *id; } const records[] = {
  { "v=STSv1; id=20160831085700Z;",               true,  "20160831085700Z" },
  { "v=STSv1; id=1",                              true,  "1" },
  { "v=STSv1 \t;id=1 ; more=of that",             true,  "1" },
  { "v=STSv1; more=1; id=2; id=3;",               true,  "2" },
  { "v=STSv1;id=12345678901234567890123456789012", true, "12345678901234567890123456789012" },
  { "v=STSv1;id=123456789012345678901234567890123", true, 0 },
  { "v=STSv1; id=",                               true,  0 },
  { "v=STSv1; id=a-b",                            true,  0 },
  { "v=STSv1; ID=1",                              true,  0 },
  { "v=STSv1;",                                   true,  0 },
  { "v=STSv1",                                    false, 0 },
  { " v=STSv1; id=1",                             false, 0 },
  { "v=STSv2; id=1",                              false, 0 },
  { "v=STSv1x; id=1",                             false, 0 },
  { "id=1; v=STSv1;",                             false, 0 },
  { "v=spf1 -all",                                false, 0 },
  { "",                                           false, 0 },
};

/* In a block of its own size, so that a byte read behind it is an error for the sanitizer. */
static char *exactly(char const *s)
{
  size_t len = strlen(s);
  char *exact = malloc(len + !len);
  memcpy(exact, s, len);
  return exact;
}

static void records_are_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
    struct field id;
    size_t len = strlen(records[i].text);
    char *exact = exactly(records[i].text);
    if (sts_is_record(exact, len) != records[i].is_one) fail_msg("%s", records[i].text);
    bool has = sts_record_id(&id, exact, len);
    if (has != (records[i].id != 0) || (has && !field_is(id, records[i].id))) fail_msg("%s: id", records[i].text);
    free(exact);
  }
}

#define GOOD "version: STSv1\nmode: enforce\nmax_age: 86400\n"

static struct { char const *text; bool good; enum sts_mode mode; uint32_t max_age; char const *patterns; } const policies[] = {
  { GOOD "mx: mx.example.net\n",                                   true,  STS_ENFORCE, 86400, "mx.example.net," },
  { "version: STSv1\r\nmode: testing\r\nmx: a.b\r\nmx: *.c.d\r\nmax_age: 0\r\n", true, STS_TESTING, STS_AGE_MIN, "a.b,*.c.d," },
  { "max_age:1\nmx:a.b\nmode:enforce\nversion:STSv1",              true,  STS_ENFORCE, STS_AGE_MIN, "a.b," },
  { "version: STSv1\nmode: none\nmax_age: 86400\n",                true,  STS_NONE, 86400, "" },
  { GOOD "mx: a.b\nmode: none\nmax_age: 1\nversion: STSv2\n",      true,  STS_ENFORCE, 86400, "a.b," },    /* the first counts */
  { GOOD "x-more: of : that\n\n  \nmx: a.b",                       true,  STS_ENFORCE, 86400, "a.b," },
  { "version: STSv1\nmode: enforce\nmax_age: 99999999999999999999999\nmx: a.b", true, STS_ENFORCE, STS_AGE_MAX, "a.b," },
  { GOOD,                                                          false, 0, 0, 0 },       /* nobody may have it */
  { GOOD "mx: .b\n",                                               false, 0, 0, 0 },
  { GOOD "mx: *\n",                                                false, 0, 0, 0 },
  { GOOD "mx: *.\n",                                               false, 0, 0, 0 },
  { GOOD "mx: a.*.b\n",                                            false, 0, 0, 0 },
  { GOOD "mx: a b\n",                                              false, 0, 0, 0 },
  { GOOD "mx:\n",                                                  false, 0, 0, 0 },
  { "version: STSv1\nmode: enforce\nmx: a.b\n",                    false, 0, 0, 0 },
  { "mode: enforce\nmax_age: 1\nmx: a.b\n",                        false, 0, 0, 0 },
  { "version: STSv1\nmode: Enforce\nmax_age: 1\nmx: a.b\n",        false, 0, 0, 0 },
  { "version: STSv1\nmode: enforce\nmax_age: -1\nmx: a.b\n",       false, 0, 0, 0 },
  { "version: STSv1\nmode: enforce\nmax_age: 1d\nmx: a.b\n",       false, 0, 0, 0 },
  { "version: STSv1\nmode: enforce\nmax_age:\nmx: a.b\n",          false, 0, 0, 0 },
  { "version: STSv2\nmode: enforce\nmax_age: 1\nmx: a.b\n",        false, 0, 0, 0 },
  { "<html><body>Not here</body></html>\n",                        false, 0, 0, 0 },
  { "",                                                            false, 0, 0, 0 },
};

static void policies_are_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
    struct sts_policy p;
    char *exact = exactly(policies[i].text);
    bool good = sts_policy_read(&p, exact, strlen(policies[i].text));
    free(exact);
    if (good != policies[i].good) fail_msg("%s", policies[i].text);
    if (!good) continue;
    for (size_t k = 0; k < p.len; k++) if (!p.patterns[k]) p.patterns[k] = ',';
    if (p.mode != policies[i].mode || p.max_age != policies[i].max_age) fail_msg("%s: otherwise", policies[i].text);
    if (p.len != strlen(policies[i].patterns) || memcmp(p.patterns, policies[i].patterns, p.len) != 0) fail_msg("%s: servers", policies[i].text);
  }
}

static void they_have_a_bound(void **state)
{
  (void)state;
  static char text[2 * STS_POLICY_MAX];
  struct sts_policy p;
  strcpy(text, GOOD);
  for (size_t i = 0; i < STS_PATTERNS_MAX / 8; i++) strcat(text, "mx: abc.def\n");
  assert_true(sts_policy_read(&p, text, strlen(text)));
  strcat(text, "mx: a.b\n");
  assert_false(sts_policy_read(&p, text, strlen(text)));
  strcpy(text, GOOD "mx: a.b\n");
  size_t len = strlen(text);
  memset(text + len, '\n', sizeof text - len);
  assert_true(sts_policy_read(&p, text, STS_POLICY_MAX));
  assert_false(sts_policy_read(&p, text, STS_POLICY_MAX + 1));
}

static struct { char const *server; bool allowed; } const servers[] = {
  { "mx.example.net", true }, { "MX.Example.Net", true }, { "mx.example.net.", true }, { "a.mx.example.net", false }, { "x.example.net", false },
  { "a.wild.example", true }, { "a.b.wild.example", false }, { "wild.example", false }, { ".wild.example", false }, { "", false }, { ".", false },
  { "mx.example.ne", false }, { "example.net", false }
};

static void servers_are_allowed(void **state)
{
  (void)state;
  struct sts_policy p;
  char const text[] = GOOD "mx: mx.example.net\nmx: *.Wild.example\n";
  assert_true(sts_policy_read(&p, text, sizeof text - 1));
  for (size_t i = 0; i < sizeof servers / sizeof *servers; i++)
    if (sts_allows(&p, servers[i].server) != servers[i].allowed) fail_msg("%s", servers[i].server);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(records_are_read), cmocka_unit_test(policies_are_read), cmocka_unit_test(they_have_a_bound),
    cmocka_unit_test(servers_are_allowed)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
