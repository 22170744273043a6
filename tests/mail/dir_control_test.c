/* Where a domain keeps the next home. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "dir_control.h"

static char const names[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* The same counted from the number of the user alone. */
static void dir_of(char dir[DIR_CONTROL_DIR], uint32_t user)
{
  uint32_t n = user / 100, level = 1, in_level = 62;
  memset(dir, 0, DIR_CONTROL_DIR);
  if (!n--) return;
  for (; n >= in_level; in_level *= 62) {
    n -= in_level;
    level++;
  }
  while (level--) {
    dir[2 * level] = names[n % 62];
    if (level) dir[2 * level - 1] = '/';
    n /= 62;
  }
}

static void every_user(void **state)
{
  static struct { uint32_t user; char const *dir; } const cases[] = {
    { 1, "" }, { 99, "" }, { 100, "0" }, { 199, "0" }, { 200, "1" }, { 6200, "z" }, { 6299, "z" }, { 6300, "0/0" },
    { 12400, "0/z" }, { 12499, "0/z" }, { 12500, "1/0" }, { 390600, "z/z" }, { 390699, "z/z" }, { 390700, "0/0/0" },
    { 24223400, "z/z/z" }, { 24223499, "z/z/z" },
  };
  struct dir_control c;
  char dir[DIR_CONTROL_DIR];
  size_t next = 0;
  (void)state;
  dir_control_fresh(&c);
  for (uint32_t user = 1; user < 24223500; user++) {
    dir_control_add(&c);
    if (user == cases[next].user) assert_string_equal(c.dir, cases[next++].dir);
    if (user % 100 > 1) continue;
    dir_of(dir, user);
    assert_string_equal(c.dir, dir);
    assert_int_equal(c.users, user);
  }
  assert_int_equal(next, sizeof cases / sizeof *cases);
  for (int i = 0; i < 200; i++) dir_control_add(&c);
  assert_string_equal(c.dir, "z/z/z");
}

static void deleting(void **state)
{
  struct dir_control c;
  (void)state;
  dir_control_fresh(&c);
  dir_control_delete(&c);
  assert_int_equal(c.users, 0);
  for (int i = 0; i < 100; i++) dir_control_add(&c);
  assert_string_equal(c.dir, "0");
  dir_control_delete(&c);
  assert_int_equal(c.users, 99);
  assert_string_equal(c.dir, "0");
  dir_control_add(&c);
  assert_string_equal(c.dir, "1");
}

static struct dir_control parsed(char const *text)
{
  struct dir_control c;
  size_t line;
  assert_true(dir_control_parse(&c, &line, text, strlen(text)));
  return c;
}

#define HEAD(users, level) users "\n" level "\n3\n0 0 0\n61 61 61\n0 2 4\n"

static void the_text(void **state)
{
  static struct { char const *text; uint32_t users, level; char const *dir, *next, *written; } const cases[] = {
    { "", 0, 0, "", "0", HEAD("0", "0") "0 0 0\n\n" },
    { "\n\n\n", 0, 0, "", "0", HEAD("0", "0") "0 0 0\n\n" },
    { HEAD("17", "0") "0 0 0\n\n", 17, 0, "", "0", HEAD("17", "0") "0 0 0\n\n" },
    { HEAD("17", "0") "0 0 0\n", 17, 0, "", "0", HEAD("17", "0") "0 0 0\n\n" },
    { HEAD("17", "0") "0 0 0", 17, 0, "", "0", HEAD("17", "0") "0 0 0\n\n" },
    { HEAD("150", "0") "0 0 0\n0\n", 150, 0, "0", "1", HEAD("150", "0") "0 0 0\n0\n" },
    { HEAD("150", "0") "0 0 0\n0", 150, 0, "0", "1", HEAD("150", "0") "0 0 0\n0\n" },
    { HEAD(" 150 ", "0\t") "0\t0  0 \nz \n", 150, 0, "z", "0/0", HEAD("150", "0") "61 0 0\nz\n" },
    { HEAD("12499", "1") "0 61 0\n0/z\n", 12499, 1, "0/z", "1/0", HEAD("12499", "1") "0 61 0\n0/z\n" },
    { HEAD("390650", "0") "0 0 0\nz/z\n", 390650, 1, "z/z", "0/0/0", HEAD("390650", "1") "61 61 0\nz/z\n" },
    { HEAD("150", "0") "0 0 0\n0\n5\n", 150, 0, "5", "6", HEAD("150", "0") "5 0 0\n5\n" },
    { HEAD("150", "0") "0 0 0\n0\n\n", 150, 0, "0", "1", HEAD("150", "0") "0 0 0\n0\n" },
    { HEAD("150", "0") "0 0 0\n0\n5\nnonsense\n", 150, 0, "5", "6", HEAD("150", "0") "5 0 0\n5\n" },
    { HEAD("-3", "0") "0 0 0\n\n", 0, 0, "", "0", HEAD("0", "0") "0 0 0\n\n" },
    { "120\n0\n1\n0 0 0\n1 1 1\n0 2 4\n1 0 0\n1\n", 120, 0, "1", "1", "120\n0\n1\n0 0 0\n1 1 1\n0 2 4\n1 0 0\n1\n" },
    { "120\n0\n2\n0 5 0\n1 9 1\n0 2 4\n1 0 0\n0/9\n", 120, 1, "0/9", "1/5",
      "120\n1\n2\n0 5 0\n1 9 1\n0 2 4\n0 9 0\n0/9\n" },
  };
  static stralloc out = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct dir_control c = parsed(cases[i].text);
    assert_int_equal(c.users, cases[i].users);
    assert_int_equal(c.level, cases[i].level);
    assert_string_equal(c.dir, cases[i].dir);
    out.len = 0;
    assert_true(dir_control_format(&out, &c) && bytes_z(&out));
    if (cases[i].written) assert_string_equal(out.s, cases[i].written);
    c.users = 99;
    dir_control_add(&c);
    assert_string_equal(c.dir, cases[i].next);
  }
}

static void damaged(void **state)
{
  static struct { char const *text; size_t line; } const cases[] = {
    { "x\n", 1 }, { "4294967296\n", 1 }, { "99999999999999999999999\n", 1 }, { "1 \n3\n", 2 }, { "1\n0\n4\n", 3 },
    { "1\n0\n0\n", 3 },
    { "1\n0\n3\n0 62 0\n", 4 }, { "1\n0\n3\n0 0 0\n61 6l 61\n", 5 }, { "-\n", 1 }, { "1-\n", 1 },
    { HEAD("1", "0") "0 0 62\n", 7 },
    { HEAD("1", "0") "0 0 0\n..\n", 8 }, { HEAD("1", "0") "0 0 0\n/\n", 8 }, { HEAD("1", "0") "0 0 0\n00\n", 8 },
    { HEAD("1", "0") "0 0 0\n0/\n", 8 }, { HEAD("1", "0") "0 0 0\n0/0/0/0\n", 8 },
    { HEAD("1", "0") "0 0 0\n0\n../0\n", 9 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct dir_control c;
    size_t line;
    assert_false(dir_control_parse(&c, &line, cases[i].text, strlen(cases[i].text)));
    assert_int_equal(line, cases[i].line);
  }
}

static void freed(void **state)
{
  static stralloc text = STRALLOC_ZERO;
  char dir[DIR_CONTROL_DIR];
  (void)state;
  assert_true(bytes_set(&text, "# mine\n../x\n\n0/z\n1"));
  assert_true(dir_control_add_free(&text, "") && dir_control_add_free(&text, "z/z/z"));
  assert_true(dir_control_take_free(&text, dir));
  assert_string_equal(dir, "0/z");
  assert_true(dir_control_take_free(&text, dir));
  assert_string_equal(dir, "1");
  assert_true(dir_control_take_free(&text, dir));
  assert_string_equal(dir, "z/z/z");
  assert_false(dir_control_take_free(&text, dir));
  assert_true(bytes_z(&text));
  assert_string_equal(text.s, "# mine\n../x\n\n");
  text.len = 0;
  assert_false(dir_control_take_free(&text, dir));
  assert_true(dir_control_add_free(&text, "a") && bytes_z(&text));
  assert_string_equal(text.s, "a\n");
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(every_user), cmocka_unit_test(deleting), cmocka_unit_test(the_text), cmocka_unit_test(damaged),
    cmocka_unit_test(freed),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
