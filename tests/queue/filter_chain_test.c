/* Lines of control/filters. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "filter_chain.h"

static struct { char const *text, *commands[4]; } const cases[] = {
  { "",                                 { 0 } },
  { "\n\n# cat\n#\n",                   { 0 } },
  { "cat",                              { "cat" } },
  { "cat\n",                            { "cat" } },
  { "cat  \t\n\nsed 's/ # /x/'  \n",    { "cat", "sed 's/ # /x/'" } },
  { "# first\ncat\n#sed\ntr a b\nlast", { "cat", "tr a b", "last" } },
};

static void test_lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[64];
    struct filter_chain chain = { 0 };
    size_t count = 0;
    strcpy(text, cases[i].text);
    assert_true(filter_chain_take(&chain, text, strlen(text)));
    for (; cases[i].commands[count]; count++) assert_string_equal(chain.of[count].command, cases[i].commands[count]);
    assert_int_equal(chain.count, count);
  }
}

static void test_there_may_be_so_many(void **state)
{
  (void)state;
  char text[2 * FILTERS_MAX + 3] = "";
  for (int i = 0; i < FILTERS_MAX; i++) strcat(text, "x\n");
  struct filter_chain chain = { 0 }, more = { 0 };
  assert_true(filter_chain_take(&chain, text, strlen(text)));
  assert_int_equal(chain.count, FILTERS_MAX);
  memset(text, 0, sizeof text);
  for (int i = 0; i <= FILTERS_MAX; i++) strcat(text, "x\n");
  assert_false(filter_chain_take(&more, text, strlen(text)));
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(test_lines), cmocka_unit_test(test_there_may_be_so_many) };
  return cmocka_run_group_tests(tests, 0, 0);
}
