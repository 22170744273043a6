/* The text of a message in a batch: lines, dots, its end. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "batch_body.h"

static struct { char const *batch, *text, *rest; } const cases[] = {
  { "a\r\nb\r\n.\r\nQUIT", "a\nb\n", "QUIT" },
  { "a\nb\n.\nQUIT",       "a\nb\n", "QUIT" },
  { ".\r\n",               "", "" },
  { "..\r\n.\r\n",         ".\n", "" },
  { ".x\n.\n",             "x\n", "" },
  { "a.\n.\n",             "a.\n", "" },
  { "a\rb\n.\n",           "a\rb\n", "" },
  { "a\r\r\n.\n",          "a\r\n", "" },
  { ".\rx\n.\n",           "\rx\n", "" },
  { "a\r.\n.\n",           "a\r.\n", "" },
  { "\n\n.\n",             "\n\n", "" },
  { "a",                   "a", 0 },
  { "a\r\n.",              "a\n", 0 },
  { "a\r\n.\r",            "a\n", 0 },
  { "",                    "", 0 }
};

static void decodes_wherever_the_blocks_end(void **state)
{
  char text[200];
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t cut = 0, len = strlen(cases[i].batch); cut <= len; cut++) {
      enum batch_body_state at = BATCH_LINE_START;
      size_t used, more = 0;
      size_t n = batch_body_decode(&at, text, cases[i].batch, cut, &used);
      if (at != BATCH_BODY_DONE) {
        assert_int_equal(used, cut);
        n += batch_body_decode(&at, text + n, cases[i].batch + cut, len - cut, &more);
      }
      assert_int_equal(n, strlen(cases[i].text));
      assert_memory_equal(text, cases[i].text, n);
      assert_int_equal(at == BATCH_BODY_DONE, cases[i].rest != 0);
      if (cases[i].rest) assert_string_equal(cases[i].batch + used + more, cases[i].rest);
    }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(decodes_wherever_the_blocks_end) };
  return cmocka_run_group_tests(tests, 0, 0);
}
