#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rule_address.h"
#include "text.h"

/* The texts, with blanks between them; of one that is none a question mark or an exclamation mark, and what to write. */
static char const *keys_of(char const *address)
{
  static struct rule_address a = RULE_ADDRESS_ZERO;
  static stralloc said = STRALLOC_ZERO;
  static char const *const marks[] = { [RULE_GOOD] = "", [RULE_DEAD] = "? ", [RULE_WRONG] = "! " };
  enum rule_verdict verdict = rule_address(&a, address, strlen(address));
  text_set(&said, marks[verdict]);
  if (verdict == RULE_GOOD) text_addb(&said, a.keys.s, a.keys.len - 1);
  else text_addb(&said, a.better.s, a.better.len);
  for (size_t i = 0; i < said.len; i++)
    if (!said.s[i]) said.s[i] = ' ';
  assert_true(verdict == RULE_GOOD || a.why);
  return text_z(&said);
}

static struct { char const *address, *keys; } const cases[] = {
  { "", "" },
  { "1.2.3.4", "1.2.3.4" },
  { "10.", "10." },
  { "10.1.", "10.1." },
  { "10.0.0.0/8", "10." },
  { "10/8", "10." },
  { "10.1.2.3/8", "10." },
  { "10.1.0.0/16", "10.1." },
  { "10.1.2.0/24", "10.1.2." },
  { "10.1.2.3/32", "10.1.2.3" },
  { "10.1.2.4/30", "10.1.2.4 10.1.2.5 10.1.2.6 10.1.2.7" },
  { "10.1.2.0/22", "10.1.0. 10.1.1. 10.1.2. 10.1.3." },
  { "10.6.0.0/15", "10.6. 10.7." },
  { "1.2.3.7-9", "1.2.3.7 1.2.3.8 1.2.3.9" },
  { "10.2-3.", "10.2. 10.3." },
  { "1.2-3.4-5.", "1.2.4. 1.2.5. 1.3.4. 1.3.5." },
  { "1.2.3-4.5", "1.2.3.5 1.2.4.5" },
  { "192.168.001.005", "192.168.1.5" },
  { "10.010.", "10.10." },
  { "1.2.3.4.", "1.2.3.4" },

  { "127.0", "? 127.0." },
  { "10", "? 10." },
  { "10.300.", "? " },
  { "256.1.1.1", "? " },
  { "1.2.3.4.5", "? " },
  { "1..2.", "? " },
  { ".1.2", "? " },
  { "1.2.3.9-4", "? " },
  { "1.2.3-.4", "? " },
  { "-1.", "? " },
  { "1.2.3.4-1.2.3.9", "? " },
  { "1-2-3.", "? " },
  { "10.0.0.0/33", "? " },
  { "10.0.0.0/", "? " },
  { "10.0.0.0/255.0.0.0", "? " },
  { "10.1-2.0.0/16", "? " },
  { "0-255.0-255.", "! " },
  { "10.*", "? " },

  { "fd77::5", "fd77::5" },
  { "FD77:0001::5", "fd77:1::5" },
  { "fd77:0:0:0:0:0:0:5", "fd77::5" },
  { "fd77:0:1:0:2:0:3:4", "fd77::1:0:2:0:3:4" },
  { "fd77:0:0:1::5", "fd77:0:0:1::5" },
  { "fd77:0:0:1:2:0:0:5", "fd77::1:2:0:0:5" },
  { "fd77:1:2:3:4:5:6:0", "fd77:1:2:3:4:5:6::" },
  { "::1", "::1" },
  { "::", "::" },
  { "::1.2.3.4", "::102:304" },
  { "[fd77::5]", "fd77::5" },
  { "[IPv6:fd77::5]", "fd77::5" },
  { "[1.2.3.4]", "1.2.3.4" },
  { "[fd77:1:2:3::]/64", "fd77:1:2:3:" },
  { "::ffff:10.0.0.7", "10.0.0.7" },
  { "::ffff:10.0.0.0/104", "10." },
  { "fd77:", "fd77:" },
  { "FD77:01:", "fd77:1:" },
  { "fd77::", "fd77::" },
  { "fd77:1:2:3::", "fd77:1:2:3::" },
  { "fd77:1:2:3::/64", "fd77:1:2:3:" },
  { "fd77:1:2:3/64", "fd77:1:2:3:" },
  { "fd77:1:2:3:4:5:6:7/64", "fd77:1:2:3:" },
  { "fd77:1:2::/47", "fd77:1:2: fd77:1:3:" },
  { "2001:db8::/32", "2001:db8:" },
  { "2001:db8::/48", "2001:db8:0: 2001:db8::" },
  { "2001::/32", "2001:0: 2001::" },
  { "2001:0:", "2001:0: 2001::" },
  { "fd77::6/127", "fd77::6 fd77::7" },
  { "fd77::5/128", "fd77::5" },
  { "2001:db8:0:1::/64", "! 2001:db8::/48" },
  { "2001:db8::/64", "! 2001:db8::/48" },
  { "fd77::/64", "! fd77::/32" },
  { "::/96", "! ::/16" },
  { "::/0", "! " },
  { "fd77::1-5", "! " },
  { "fd77", "? fd77::/16" },
  { "fd77:1:2", "? fd77:1:2::/48" },
  { "fd77::1::2", "? " },
  { "fd77:10000::1", "? " },
  { "fd77::5/129", "? " },
  { "fe80::1%eth0", "? " },
  { "[fd77::5", "? " },
  { "[fd77::5]x", "? " },
  { "1:2:3:4:5:6:7:8:9", "? " },

  { "=", "=" },
  { "=Mail.Example.ORG", "=mail.example.org" },
  { "=.example.org", "=.example.org" },
  { "=*.example.org", "? " },
  { "=mail.example.org.", "? " },
  { "mail.example.org", "? =mail.example.org" },
  { ".example.org", "? =.example.org" },
  { "joe@1.2.3.4", "joe@1.2.3.4" },
  { "joe@fd77:0::5", "joe@fd77::5" },
  { "joe@=Mail.Example.ORG", "joe@=mail.example.org" },
  { "joe@=.example.org", "? " },
  { "joe@=", "? " },
  { "joe@10.", "? " },
  { "joe@fd77:", "? " },
  { "joe@", "? " },
  { "1.2.3.4,1.2.3.5", "? " },
  { "1.2.3.4 1.2.3.5", "? " },
  { "1.2.3.4\r", "? " },
};

static void test_keys(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (strcmp(keys_of(cases[i].address), cases[i].keys) != 0)
      fail_msg("%s: \"%s\" in place of \"%s\"", cases[i].address, keys_of(cases[i].address), cases[i].keys);
}

static void test_many(void **state)
{
  static struct rule_address a = RULE_ADDRESS_ZERO;
  char long_name[RULE_ADDRESS_MAX + 2];
  (void)state;
  assert_int_equal(rule_address(&a, "0.0.0.0/0", 9), RULE_GOOD);
  assert_int_equal(a.count, 256);
  assert_int_equal(rule_address(&a, "2000::/3", 8), RULE_GOOD);
  assert_int_equal(a.count, 8192);
  assert_int_equal(rule_address(&a, "2000::/2", 8), RULE_WRONG);
  assert_int_equal(rule_address(&a, "fc00::/7", 8), RULE_GOOD);
  assert_int_equal(a.count, 512);
  memset(long_name, 'x', sizeof long_name);
  long_name[0] = '=';
  assert_int_equal(rule_address(&a, long_name, RULE_ADDRESS_MAX), RULE_GOOD);
  assert_int_equal(rule_address(&a, long_name, RULE_ADDRESS_MAX + 1), RULE_DEAD);
  rule_address_free(&a);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(test_keys), cmocka_unit_test(test_many) };
  return cmocka_run_group_tests(tests, 0, 0);
}
