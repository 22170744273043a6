/* CR LF becomes LF, however the text is cut into pieces. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "line_end.h"
#include "text.h"

static struct { char const *in, *out; } const texts[] = {
  { "", "" },
  { "a\nb\n", "a\nb\n" },
  { "a\r\nb\r\n", "a\nb\n" },
  { "a\r\n\r\n.\r\n", "a\n\n.\n" },
  { "a\r\r\r\nb\n", "a\nb\n" },
  { "a\rb\r\n", "a\rb\n" },
  { "\r\r\ra\n", "\r\r\ra\n" },
  { "a\r\r\rb", "a\r\r\rb\n" },
  { "a", "a\n" },
  { "a\r", "a\n" },
  { "\r", "" },
  { "\n\r", "\n" },
  { "\r\n", "\n" },
};

static void collect(void *to, char const *s, size_t len)
{
  assert_true(len > 0);
  text_addb(to, s, len);
}

static void crs_before_lf_go(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    for (size_t piece = 1; piece <= 4; piece++) {
      stralloc got = STRALLOC_ZERO;
      struct line_end l = { .put = collect, .to = &got };
      size_t len = strlen(texts[i].in);
      for (size_t at = 0; at < len; at += piece)
        line_end_put(&l, texts[i].in + at, len - at < piece ? len - at : piece);
      line_end_finish(&l);
      assert_string_equal(text_z(&got), texts[i].out);
      stralloc_free(&got);
    }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(crs_before_lf_go) };
  return cmocka_run_group_tests(tests, 0, 0);
}
