/* Names and hashes in lines. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pairs.h"

static struct { char const *line, *name, *domain, *hash; } const cases[] = {
  { "joe:$1$a$b",                "joe", "", "$1$a$b" },
  { "joe $1$a$b\n",              "joe", "", "$1$a$b" },
  { "  joe \t $1$a$b \r\n",      "joe", "", "$1$a$b" },
  { "joe : $1$a$b",              "joe", "", "$1$a$b" },
  { "joe:$1$a$b:100:x:y",        "joe", "", "$1$a$b" },
  { "joe ab a comment",          "joe", "", "ab" },
  { "Joe@Example.net:x",         "Joe", "Example.net", "x" },
  { "joe@a@b:x",                 "joe", "a@b", "x" },
  { "joe@:x",                    "joe", "", "x" },
  { "\n# a\n\njoe:x\n",          "joe", "", "x" },
  { "joe",                       "joe", "", 0 },
  { "joe:",                      "joe", "", 0 },
  { "joe::x",                    "joe", "", 0 },
  { ":x",                        "", "", 0 },
  { "@b:x",                      "", "b", 0 },
};

static void lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct pair pair;
    size_t at = 0;
    enum pair_result r = pairs_next(&pair, cases[i].line, strlen(cases[i].line), &at);
    if (r != (cases[i].hash ? PAIR_FOUND : PAIR_DAMAGED)) fail_msg("%s", cases[i].line);
    if (pair.name.len != strlen(cases[i].name) || memcmp(pair.name.s, cases[i].name, pair.name.len)) fail_msg("%s", cases[i].line);
    if (!cases[i].hash) continue;
    assert_int_equal(pair.domain.len, strlen(cases[i].domain));
    assert_memory_equal(pair.domain.s, cases[i].domain, pair.domain.len);
    assert_int_equal(pair.hash.len, strlen(cases[i].hash));
    assert_memory_equal(pair.hash.s, cases[i].hash, pair.hash.len);
    assert_int_equal(pairs_next(&pair, cases[i].line, strlen(cases[i].line), &at), PAIR_END);
  }
}

static void a_line_has_a_limit(void **state)
{
  (void)state;
  char text[PAIRS_LINE_MAX + 2];
  struct pair pair;
  memset(text, 'x', sizeof text);
  text[3] = ':';
  for (int over = -1; over <= 1; over++) {
    size_t at = 0;
    assert_int_equal(pairs_next(&pair, text, (size_t)(PAIRS_LINE_MAX + over), &at), over <= 0 ? PAIR_FOUND : PAIR_DAMAGED);
  }
  text[5] = 0;
  assert_int_equal(pairs_next(&pair, text, 10, &(size_t){ 0 }), PAIR_DAMAGED);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines), cmocka_unit_test(a_line_has_a_limit) };
  return cmocka_run_group_tests(tests, 0, 0);
}
