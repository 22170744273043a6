/* Limits of virtual domains: what is read, what is refused, what a file is when it has been changed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "vflags.h"
#include "vlimits.h"

static struct vlimits parsed(char const *text)
{
  struct vlimits l;
  struct vlimits_slip slip;
  assert_true(vlimits_parse(&l, &slip, text, strlen(text)));
  return l;
}

static void one_limit(void **state)
{
  static struct { char const *text; enum vlimit which; int64_t value; } const cases[] = {
    { "maxpopaccounts 10\n", VLIMIT_MAXPOPACCOUNTS, 10 },
    { "maxpopaccounts\t\t-1\n", VLIMIT_MAXPOPACCOUNTS, -1 },
    { "MaxAliases:0", VLIMIT_MAXALIASES, 0 },
    { " maxforwards : 7 # seven\r\n", VLIMIT_MAXFORWARDS, 7 },
    { "maxautoresponders 2147483647", VLIMIT_MAXAUTORESPONDERS, INT32_MAX },
    { "maxmailinglists 1\nmaxmailinglists 2\n", VLIMIT_MAXMAILINGLISTS, 2 },
    { "quota 100", VLIMIT_QUOTA, 100 },
    { "maxmsgcount 9007199254740992", VLIMIT_MAXMSGCOUNT, INT64_C(1) << 53 },
    { "default_quota 10485760", VLIMIT_DEFAULT_QUOTA, 10485760 },
    { "default_maxmsgcount 00012", VLIMIT_DEFAULT_MAXMSGCOUNT, 12 },
    { "perm_account 7", VLIMIT_PERM_ACCOUNT, 7 },
    { "perm_alias 1", VLIMIT_PERM_ALIAS, 1 },
    { "perm_forward 2", VLIMIT_PERM_FORWARD, 2 },
    { "perm_autoresponder 4", VLIMIT_PERM_AUTORESPONDER, 4 },
    { "perm_maillist 511", VLIMIT_PERM_MAILLIST, 511 },
    { "perm_quota 3", VLIMIT_PERM_QUOTA, 3 },
    { "perm_defaultquota 0", VLIMIT_PERM_DEFAULTQUOTA, 0 },
    { "# maxaliases 1\n#maxaliases 2\n\nmaxalias 3\n\xff\nmaxaliases 4", VLIMIT_MAXALIASES, 4 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct vlimits l = parsed(cases[i].text);
    for (size_t k = 0; k < VLIMITS; k++) assert_int_equal(l.set[k], k == cases[i].which);
    assert_int_equal(l.value[cases[i].which], cases[i].value);
    assert_false(l.flags_set);
  }
}

static void nothing(void **state)
{
  struct vlimits l = parsed("# nothing\n\n \t:\r\nsomething else\n");
  (void)state;
  for (size_t k = 0; k < VLIMITS; k++) {
    assert_false(l.set[k]);
    assert_int_equal(l.value[k], k <= VLIMIT_MAXMAILINGLISTS ? -1 : 0);
  }
  assert_false(l.flags_set || l.flags);
}

static void words(void **state)
{
  struct vlimits l = parsed("disable_pop\n  Disable_IMAP : \ndelete_spam 0\n#disable_smtp\ndisable_everything\n");
  (void)state;
  assert_true(l.flags_set);
  assert_int_equal(l.flags, VFLAG_NO_POP | VFLAG_NO_IMAP | VFLAG_DELETE_SPAM);
}

static void slips(void **state)
{
  static struct { char const *text; size_t line; char const *key, *reason; } const cases[] = {
    { "maxaliases", 1, "maxaliases", "needs a number, or -1 for any number" },
    { "\n# two\nMAXALIASES ten\n", 3, "maxaliases", "needs a number, or -1 for any number" },
    { "maxaliases -2", 1, "maxaliases", "needs a number, or -1 for any number" },
    { "maxaliases -", 1, "maxaliases", "needs a number, or -1 for any number" },
    { "maxaliases 2147483648", 1, "maxaliases", "needs a number, or -1 for any number" },
    { "maxaliases 99999999999999999999999999999", 1, "maxaliases", "needs a number, or -1 for any number" },
    { "maxaliases # none", 1, "maxaliases", "needs a number, or -1 for any number" },
    { "quota 10M", 1, "quota", "needs a number of megabytes" },
    { "default_quota 5S", 1, "default_quota", "needs a number of bytes" },
    { "maxmsgcount 9007199254740993", 1, "maxmsgcount", "needs a number of messages" },
    { "perm_alias 8", 1, "perm_alias", "needs a number from 0 to 7" },
    { "perm_alias -1", 1, "perm_alias", "needs a number from 0 to 7" },
    { "perm_maillist 512", 1, "perm_maillist", "needs a number from 0 to 511" },
    { "perm_quota 512", 1, "perm_quota", "needs a number from 0 to 7" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct vlimits l;
    struct vlimits_slip slip;
    assert_false(vlimits_parse(&l, &slip, cases[i].text, strlen(cases[i].text)));
    assert_int_equal(slip.line, cases[i].line);
    assert_string_equal(slip.key, cases[i].key);
    assert_string_equal(slip.reason, cases[i].reason);
  }
}

/* One of the writers of old puts the bits of subscribers and moderators into the wrong line. */
static void list_bits_in_the_quota(void **state)
{
  struct vlimits l = parsed("perm_maillist 3\nperm_quota 458\n");
  (void)state;
  assert_int_equal(l.value[VLIMIT_PERM_QUOTA], 2);
  assert_int_equal(l.value[VLIMIT_PERM_MAILLIST], 3 | 0700 | 010);
  assert_true(parsed("perm_quota 8").set[VLIMIT_PERM_MAILLIST]);
}

static void merging(void **state)
{
  struct vlimits l = parsed("maxaliases 1\nmaxforwards 2\ndisable_pop\n"), over = parsed("maxforwards 3\nquota 4\n");
  (void)state;
  vlimits_merge(&l, &over);
  assert_int_equal(l.value[VLIMIT_MAXALIASES], 1);
  assert_int_equal(l.value[VLIMIT_MAXFORWARDS], 3);
  assert_int_equal(l.value[VLIMIT_QUOTA], 4);
  assert_true(l.set[VLIMIT_QUOTA] && !l.set[VLIMIT_MAXMAILINGLISTS]);
  assert_int_equal(l.flags, VFLAG_NO_POP);
  over = parsed("disable_imap\n");
  vlimits_merge(&l, &over);
  assert_int_equal(l.flags, VFLAG_NO_IMAP);
  over.flags = 0;
  vlimits_merge(&l, &over);
  assert_int_equal(l.flags, 0);
}

static void writing(void **state)
{
  static struct { char const *old, *over, *new; } const cases[] = {
    { "", "", "" },
    { "", "maxaliases 1\ndisable_pop\ndisable_imap\n", "maxaliases 1\ndisable_pop\ndisable_imap\n" },
    { "# mine\nmaxaliases\t1 # one\nunknown 7\n", "maxforwards 2",
      "# mine\nmaxaliases\t1 # one\nunknown 7\nmaxforwards 2\n" },
    { "# mine\nmaxaliases\t1 # one\nunknown 7\n", "maxaliases 2", "# mine\nmaxaliases 2\nunknown 7\n" },
    { "disable_pop\nmaxaliases 1\nDISABLE_IMAP", "disable_imap\ndisable_smtp",
      "maxaliases 1\nDISABLE_IMAP\ndisable_smtp\n" },
    { "maxaliases 1\nmaxaliases 2\ndisable_pop\ndisable_pop\n", "", "maxaliases 2\ndisable_pop\n" },
    { "perm_quota 458\n", "", "perm_quota 2\nperm_maillist 456\n" },
    { "quota -1", "quota 5", "quota 5\n" },
    { "quota 5", "quota -1", "quota -1\n" },
    { "mine", "", "mine\n" },
  };
  static stralloc out = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct vlimits l = parsed(cases[i].old), over = parsed(cases[i].over);
    vlimits_merge(&l, &over);
    out.len = 0;
    assert_true(vlimits_format(&out, cases[i].old, strlen(cases[i].old), &l) && bytes_z(&out));
    assert_string_equal(out.s, cases[i].new);
  }
}

static void what_is_no_longer_set(void **state)
{
  static stralloc out = STRALLOC_ZERO;
  char const *old = "maxaliases 1\n# kept\ndisable_pop\n";
  struct vlimits l;
  (void)state;
  vlimits_nothing(&l);
  assert_true(vlimits_format(&out, old, strlen(old), &l) && bytes_z(&out));
  assert_string_equal(out.s, "# kept\n");
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(one_limit), cmocka_unit_test(nothing), cmocka_unit_test(words), cmocka_unit_test(slips),
    cmocka_unit_test(list_bits_in_the_quota), cmocka_unit_test(merging), cmocka_unit_test(writing),
    cmocka_unit_test(what_is_no_longer_set),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
