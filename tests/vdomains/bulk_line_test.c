/* A line of a list of users. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bulk_line.h"

static void expect_field(struct field f, char const *s)
{
  assert_int_equal(f.len, strlen(s));
  assert_memory_equal(f.s, s, f.len);
}

static void users(void **state)
{
  static struct { char const *line, *address, *password, *comment, *quota; } const cases[] = {
    { "a@b:c", "a@b", "c", "", "" },
    { "a@b:c\r", "a@b", "c", "", "" },
    { "a:c::", "a", "c", "", "" },
    { "a:c:d e:5M,1C", "a", "c", "d e", "5M,1C" },
    { "a: :\r:", "a", " ", "\r", "" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct bulk_line to;
    assert_int_equal(bulk_line_parse(&to, cases[i].line, strlen(cases[i].line)), BULK_LINE_USER);
    expect_field(to.address, cases[i].address);
    expect_field(to.password, cases[i].password);
    expect_field(to.comment, cases[i].comment);
    expect_field(to.quota, cases[i].quota);
  }
}

static void no_users(void **state)
{
  static struct { char const *line; size_t len; enum bulk_line_result r; } const cases[] = {
    { "", 0, BULK_LINE_NOTHING }, { "\r", 1, BULK_LINE_NOTHING }, { "#a:b", 4, BULK_LINE_NOTHING },
    { "a", 1, BULK_LINE_WRONG }, { "a:", 2, BULK_LINE_WRONG }, { ":b", 2, BULK_LINE_WRONG }, { "a:b:c:d:", 8, BULK_LINE_WRONG },
    { "a:b\0:", 5, BULK_LINE_WRONG }, { " #a", 3, BULK_LINE_WRONG },
  };
  struct bulk_line to;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(bulk_line_parse(&to, cases[i].line, cases[i].len), cases[i].r);
}

static void its_length(void **state)
{
  char line[BULK_LINE_MAX + 1];
  struct bulk_line to;
  (void)state;
  memset(line, 'x', sizeof line);
  line[1] = ':';
  assert_int_equal(bulk_line_parse(&to, line, BULK_LINE_MAX - 1), BULK_LINE_USER);
  assert_int_equal(bulk_line_parse(&to, line, BULK_LINE_MAX), BULK_LINE_USER);
  assert_int_equal(bulk_line_parse(&to, line, BULK_LINE_MAX + 1), BULK_LINE_WRONG);
}

static void hashes(void **state)
{
  static struct { char const *s; bool hash; } const cases[] = {
    { "$y$j9T$abc", true }, { "$1$a$b", true }, { "$argon2id$v", true }, { "{SSHA.HEX}00", true }, { "{PLAIN-MD5}", true },
    { "", false }, { "$", false }, { "$$", false }, { "$a", false }, { "$a b$c", false }, { "{}x", false }, { "{a b}", false }, { "a$b$", false },
    { "{a$", false }, { "$a}", false },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(bulk_line_is_hash((struct field){ cases[i].s, strlen(cases[i].s) }), cases[i].hash);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(users), cmocka_unit_test(no_users), cmocka_unit_test(its_length), cmocka_unit_test(hashes)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
