/* Lines of control/queueextra, and of whom they speak. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "copy_rule.h"

static struct { char const *line; enum copy_direction direction; char const *whom, *address; } const lines[] = {
  { "log", COPY_ALL, "", "log" },
  { "archive@example.com", COPY_ALL, "", "archive@example.com" },
  { "from:a.example:log", COPY_FROM, "a.example", "log" },
  { "to:a.example:log@x.example", COPY_TO, "a.example", "log@x.example" },
  { "to::log", COPY_TO, "", "log" },
  { "from:<>:a:b", COPY_FROM, "<>", "a:b" },
  { "from:a.example:", COPY_FROM, "a.example", "" },
  { "from:a.example", COPY_ALL, "", "from:a.example" },
  { "From:a.example:log", COPY_ALL, "", "From:a.example:log" },
  { "cc:a.example:log", COPY_ALL, "", "cc:a.example:log" },
  { "a:b:c@d.example", COPY_ALL, "", "a:b:c@d.example" },
  { "", COPY_ALL, "", "" },
};

static void has(struct field f, char const *wanted, char const *line)
{
  if (f.len != strlen(wanted) || memcmp(f.s, wanted, f.len) != 0) fail_msg("%s: %.*s", line, (int)f.len, f.s);
}

static void lines_are_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct copy_rule r = copy_rule_read(lines[i].line, strlen(lines[i].line));
    assert_int_equal(r.direction, lines[i].direction);
    has(r.whom, lines[i].whom, lines[i].line);
    has(r.address, lines[i].address, lines[i].line);
  }
}

static struct { char const *whom, *address; bool taken; } const takes[] = {
  { "", "joe@a.example", true }, { "", "", true }, { "", "joe", true },
  { "a.example", "joe@a.example", true }, { "A.example", "joe@a.EXAMPLE", true }, { "a.example", "joe@b@a.example", true },
  { "a.example", "joe@x.a.example", false }, { ".a.example", "joe@x.a.example", true }, { ".a.example", "joe@a.example", false },
  { ".a.example", "a.b@xa.example", false },
  { "joe@a.example", "Joe@a.example", true }, { "joe@a.example", "ann@a.example", false }, { "joe", "joe", true },
  { "joe", "joe@joe", true }, { "a.example", "a.example", true }, { "a.example", "joe@", false }, { "<>", "", true },
  { "<>", "joe@a.example", false }, { "a.example", "", false },
};

static void each_speaks_of_some(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof takes / sizeof *takes; i++) {
    struct copy_rule const r = { COPY_FROM, field_of(takes[i].whom), field_of("log") };
    if (copy_rule_takes(&r, takes[i].address, strlen(takes[i].address)) != takes[i].taken) fail_msg("%s: %s", takes[i].whom, takes[i].address);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines_are_read), cmocka_unit_test(each_speaks_of_some) };
  return cmocka_run_group_tests(tests, 0, 0);
}
