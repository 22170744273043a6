#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sendmail_cf.h"

static char const TEXT[] =
  "# DSno\nV10\nDSesmtp:[relay] \nDS\nD{longName} a b\r\nCwa b\nFw-o /etc/names %[^#]\nFw/etc/names\nFR |/bin/x\n"
  "Kvirtuser hash -o /etc/mail/v.db\nKempty\nO MaxMessageSize = 5\nO AliasFile\nOA/etc/aliases\n\nD\nD{open\nSparse=0\nDZlast";

static struct { size_t number; char kind; char const *name, *value; } const wanted[] = {
  { 3, 'D', "S", "esmtp:[relay]" }, { 4, 'D', "S", "" }, { 5, 'D', "longName", "a b" }, { 6, 'C', "w", "a b" },
  { 7, 'F', "w", "/etc/names" }, { 8, 'F', "w", "/etc/names" }, { 9, 'F', "R", "|/bin/x" },
  { 10, 'K', "virtuser", "/etc/mail/v.db" }, { 11, 'K', "empty", "" }, { 12, 'O', "MaxMessageSize", "5" }, { 13, 'O', "AliasFile", "" },
  { 14, 'O', "A/etc/aliases", "" }, { 17, 'D', "{", "open" }, { 19, 'D', "Z", "last" }
};

static void lines(void **state)
{
  struct sendmail_cf cf = { .in = { TEXT, sizeof TEXT - 1 } };
  (void)state;
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    assert_true(sendmail_cf_next(&cf));
    assert_int_equal(cf.number, wanted[i].number);
    assert_int_equal(cf.kind, wanted[i].kind);
    assert_true(field_is(cf.name, wanted[i].name));
    assert_true(field_is(cf.value, wanted[i].value));
  }
  assert_false(sendmail_cf_next(&cf));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines) };
  return cmocka_run_group_tests(tests, 0, 0);
}
