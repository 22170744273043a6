/* tlspolicy: whose line counts, and what it says. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tls_policy.h"

static struct { char const *value; enum policy_level level; char const *names; size_t len; } const values[] = {
  { "none",               POLICY_NONE,      "",           0 },
  { "may",                POLICY_MAY,       "",           0 },
  { "ENCRYPT",            POLICY_ENCRYPT,   "",           0 },
  { " encrypt ",          POLICY_ENCRYPT,   "",           0 },
  { "verify",             POLICY_VERIFY,    "",           0 },
  { "verify a.example",   POLICY_VERIFY,    "a.example",  10 },
  { "verify\t a  .b \t",  POLICY_VERIFY,    "a\0.b",      5 },
  { "encrypt a.example",  POLICY_SENSELESS, "a.example",  10 },
  { "verifya",            POLICY_SENSELESS, "",           0 },
  { "",                   POLICY_SENSELESS, "",           0 },
  { "published",          POLICY_PUBLISHED, "",           0 },
  { "Dane",               POLICY_DANE,      "",           0 },
  { "dane a.example",     POLICY_SENSELESS, "a.example",  10 },
  { "sts",                POLICY_SENSELESS, "",           0 },
};

static void what_is_said(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    char names[100];
    struct tls_policy p = policy_parse(values[i].value, strlen(values[i].value));
    if (p.level != values[i].level) fail_msg("%s", values[i].value);
    assert_int_equal(policy_names(names, sizeof names, p.names), values[i].len);
    assert_memory_equal(names, values[i].names, values[i].len);
  }
}

static void names_have_a_bound(void **state)
{
  (void)state;
  char names[5];
  assert_int_equal(policy_names(names, sizeof names, (struct field){ "ab c", 4 }), 5);
  assert_int_equal(policy_names(names, sizeof names, (struct field){ "ab cd", 5 }), 0);
  assert_int_equal(policy_names(names, sizeof names, (struct field){ "abcde", 5 }), 0);
  char more[100];
  assert_int_equal(policy_names(more, sizeof more, (struct field){ "1 2 3 4 5 6 7 8", 15 }), 16);
  assert_int_equal(policy_names(more, sizeof more, (struct field){ "1 2 3 4 5 6 7 8 9", 17 }), 0);
}

static char const table[] = "exact.example:none\n.example:encrypt\nhub.test:verify\n:may\n";

static struct { char const *host, *relay; enum policy_level level; } const lines[] = {
  { "exact.example",   0,          POLICY_NONE },
  { "EXACT.example",   "hub.test", POLICY_NONE },
  { "a.example",       "hub.test", POLICY_ENCRYPT },
  { "exact.example.",  0,          POLICY_NONE },
  { "a.example.",      0,          POLICY_ENCRYPT },
  { "a.test",          "hub.test", POLICY_VERIFY },
  { "a.test",          "a.other",  POLICY_MAY },
  { "hub.test",        0,          POLICY_VERIFY },
  { "a.test",          0,          POLICY_MAY },
};

static struct { char const *relay; enum policy_level level; } const logins[] = {
  { "exact.example", POLICY_NONE },
  { "hub.example",   POLICY_ENCRYPT },
  { "HUB.test",      POLICY_VERIFY },
  { "a.other",       POLICY_VERIFY },
};

static void whose_line_counts(void **state)
{
  (void)state;
  struct nameset set = NAMESET_ZERO;
  assert_true(nameset_map(&set, table, sizeof table - 1));
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct smtp_route relay = { .host = lines[i].relay, .host_len = lines[i].relay ? strlen(lines[i].relay) : 0 };
    struct tls_policy p = policy_for(&set, lines[i].host, lines[i].relay ? &relay : 0);
    if (p.level != lines[i].level) fail_msg("%s", lines[i].host);
  }
  for (size_t i = 0; i < sizeof logins / sizeof *logins; i++) {
    struct smtp_route const relay = { .host = logins[i].relay, .host_len = strlen(logins[i].relay) };
    if (policy_of_relay(&set, &relay, POLICY_VERIFY).level != logins[i].level) fail_msg("%s", logins[i].relay);
  }
  assert_true(nameset_map(&set, "", 0));
  assert_int_equal(policy_for(&set, "a.test", 0).level, POLICY_PUBLISHED);
  nameset_free(&set);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_is_said), cmocka_unit_test(names_have_a_bound), cmocka_unit_test(whose_line_counts)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
