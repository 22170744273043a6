/* mboxrd quoting, however the message is cut into pieces. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "mbox_quote.h"

static struct { char const *message, *quoted; } const messages[] = {
  { "", "" },
  { "\n", "\n" },
  { "x", "x\n" },
  { "F", "F\n" },
  { "From", "From\n" },
  { "From ", ">From \n" },
  { "From me\n", ">From me\n" },
  { ">From me\n", ">>From me\n" },
  { ">>>>From ", ">>>>>From \n" },
  { " From me\n", " From me\n" },
  { "> From me\n", "> From me\n" },
  { ">F>From \n", ">F>From \n" },
  { "FFrom \n", "FFrom \n" },
  { "FroFrom \n", "FroFrom \n" },
  { "from me\n", "from me\n" },
  { "From\n", "From\n" },
  { "From\nFrom \n", "From\n>From \n" },
  { "a From b\nFrom c\n\nFrom d", "a From b\n>From c\n\n>From d\n" },
  { ">\n>\nFrom ", ">\n>\n>From \n" },
  { "a\r\nFrom \r\n", "a\r\n>From \r\n" },
};

struct sink { size_t used; char bytes[200]; };

static void put(void *to, char const *s, size_t len)
{
  struct sink *sink = to;
  assert_true(sink->used + len < sizeof sink->bytes);
  memcpy(sink->bytes + sink->used, s, len);
  sink->used += len;
}

static void quoted_however_cut(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
    char const *s = messages[i].message;
    for (size_t piece = 1; piece <= strlen(s) + 1; piece++) {
      struct sink sink = { 0, "" };
      struct mbox_quote q = { .put = put, .to = &sink };
      for (size_t at = 0; at < strlen(s); at += piece)
        mbox_quote_feed(&q, s + at, strlen(s + at) < piece ? strlen(s + at) : piece);
      mbox_quote_end(&q);
      sink.bytes[sink.used] = 0;
      assert_string_equal(sink.bytes, messages[i].quoted);
    }
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(quoted_however_cut) };
  return cmocka_run_group_tests(tests, 0, 0);
}
