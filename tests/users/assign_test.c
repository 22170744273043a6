#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "assign.h"

static void parsing(void **state)
{
  struct { char const *line; size_t len; char const *trouble; } const cases[] = {
    { "", 0, "it does not begin with = or +" },
    { ":joe:1:2:/h:::", 14, "it does not begin with = or +" },
    { "=joe", 4, "it has fewer than seven colons" },
    { "=joe:joe:1:2:/home/joe::", 24, "it has fewer than seven colons" },
    { "=j\0e:joe:1:2:/home/joe:::", 25, "it holds a NUL" },
    { "=joe::1:2:/home/joe:::", 22, "there is no user" },
    { "=:joe:1:2:/home/joe:::", 22, "there is no address behind the =" },
    { "joe:joe:1:2:/home/joe:::", 24, "it does not begin with = or +" },
    { " =joe:joe:1:2:/home/joe:::", 26, "a blank stands in front of it" },
    { " .", 2, "a blank stands in front of it" },
    { "\xef\xbb\xbf=joe:joe:1:2:/home/joe:::", 28, "it begins with a byte order mark" },
    { "\xef\xbb", 2, "it does not begin with = or +" },
    { "=joe\t:joe:1:2:/home/joe:::", 26, "a blank stands beside the address" },
    { "+ :joe:1:2:/home/joe:::", 23, "a blank stands beside the address" },
    { "=j oe:joe:1:2:/home/joe:::", 26, 0 },
    { "=joe:joe:1:2::::", 16, "the home is no absolute path" },
    { "=joe:joe:1:2:joe:::", 19, "the home is no absolute path" },
    { "=joe:joe::2:/home/joe:::", 24, "the uid is not a number" },
    { "=joe:joe:-1:2:/home/joe:::", 26, "the uid is not a number" },
    { "=joe:joe:4294967295:2:/home/joe:::", 34, "the uid is not a number" },
    { "=joe:joe:1:staff:/home/joe:::", 29, "the gid is not a number" },
    { "=joe:joe:1:4294967294:/home/joe:::", 34, 0 },
    { "=joe:joe:1:2:/home/joe:::", 25, 0 },
    { "=joe:joe:1:2:/home/joe::: text:after", 36, 0 },
    { "+:alias:7:8:/var/qmail/alias:-::", 32, 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct assign a;
    char const *trouble = assign_parse(&a, cases[i].line, cases[i].len);
    if (cases[i].trouble) assert_string_equal(trouble, cases[i].trouble);
    else assert_null(trouble);
  }
}

static void records(void **state)
{
  struct { char const *line; char const *key; size_t key_len; char const *data; size_t data_len; int wildcard; }
  const cases[] = {
    { "=Joe:joe:1:2:/h:::", "!joe\0", 5, "joe\0001\0002\0/h\0\0", 12, -1 },
    { "+Joe-:joe:1:2:/h:-:pre-:", "!joe-", 5, "joe\0001\0002\0/h\0-\0pre-", 17, '-' },
    { "+X:joe:1:2:/h:-::", "!x", 2, "joe\0001\0002\0/h\0-\0", 13, 'x' },
    { "+:alias:7:8:/a:-::", "!", 1, "alias\0007\0008\0/a\0-\0", 15, -1 },
    { "+\xc4:joe:1:2:/h:-::", "!\xc4", 2, "joe\0001\0002\0/h\0-\0", 13, 0xc4 },
  };
  static stralloc key = STRALLOC_ZERO, data = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct assign a;
    assert_null(assign_parse(&a, cases[i].line, strlen(cases[i].line)));
    assign_key(&key, &a);
    assign_data(&data, &a);
    assert_int_equal(key.len, cases[i].key_len);
    assert_memory_equal(key.s, cases[i].key, key.len);
    assert_int_equal(data.len, cases[i].data_len);
    assert_memory_equal(data.s, cases[i].data, data.len);
    assert_int_equal(assign_wildcard(&a), cases[i].wildcard);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(parsing), cmocka_unit_test(records) };
  return cmocka_run_group_tests(tests, 0, 0);
}
