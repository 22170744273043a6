/* Which lines of .qmail files say that only who is in a table of fastforward has mail. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fastforward_line.h"
#include "forward_table.h"

static struct { char const *line, *program, *table; bool by_default; } const cases[] = {
  { "| fastforward -d /etc/aliases.cdb", "fastforward", "/etc/aliases.cdb", true },
  { "|fastforward /etc/aliases.cdb", "fastforward", "/etc/aliases.cdb", false },
  { "|/var/qmail/bin/fastforward -dP -N 'my table'", "/var/qmail/bin/fastforward", "my table", true },
  { "|fastforward -dD x", "fastforward", "x", false },
  { "|fastforward -p -d x", 0, 0, false },
  { "|fastforward -n x", 0, 0, false },
  { "|fastforward -d", 0, 0, false },
  { "|fastforward x y", 0, 0, false },
  { "|fastforward -d $X", 0, 0, false },
  { "|fastforward -d x; true", 0, 0, false },
  { "|/bin/slowforward x", 0, 0, false },
  { "fastforward x", 0, 0, false },
  { "|", 0, 0, false },
  { "", 0, 0, false },
};

static void which_lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct fastforward_line line;
    bool is = fastforward_line_parse(&line, cases[i].line, strlen(cases[i].line));
    if (is != (cases[i].program != 0)) fail_msg("%s", cases[i].line);
    if (!is) continue;
    assert_string_equal(line.program, cases[i].program);
    assert_string_equal(line.table, cases[i].table);
    assert_int_equal(line.by_default, cases[i].by_default);
  }
}

static void entries_of_lists(void **state)
{
  static struct { char const *entry; bool good; } const entries[] = {
    { "&a@b", true }, { "/l", true }, { "./l", true }, { "", false }, { "a@b", false }, { "&a ", false }, { "&a\nb", false }
  };
  (void)state;
  for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
    assert_int_equal(forward_list_fault(field_of(entries[i].entry)) == 0, entries[i].good);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(which_lines), cmocka_unit_test(entries_of_lists) };
  return cmocka_run_group_tests(tests, 0, 0);
}
