#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "transfer.h"

enum { WHOLE = -1 };

static char sent[1000];
static size_t sent_len;

static void put(char const *s, size_t len)
{
  memcpy(sent + sent_len, s, len);
  sent_len += len;
}

/* The message, handed over in pieces of n bytes. */
static char const *send(char const *message, int lines, size_t n)
{
  struct transfer t = { .put = put, .whole = lines == WHOLE, .lines_left = lines == WHOLE ? 0 : (uint64_t)lines };
  size_t len = strlen(message);
  sent_len = 0;
  for (size_t i = 0; i < len; i += n)
    if (!transfer_piece(&t, message + i, len - i < n ? len - i : n)) break;
  transfer_end(&t);
  sent[sent_len] = 0;
  return sent;
}

static struct { char const *message; int lines; char const *wire; } const cases[] = {
  { "", WHOLE, ".\r\n" },
  { "", 0, ".\r\n" },
  { "\n", WHOLE, "\r\n.\r\n" },
  { ".", WHOLE, "..\r\n.\r\n" },
  { ".\n", WHOLE, "..\r\n.\r\n" },
  { "..\n.a\n", WHOLE, "...\r\n..a\r\n.\r\n" },
  { "a.b\n", WHOLE, "a.b\r\n.\r\n" },
  { "A: b\n\nc\n", WHOLE, "A: b\r\n\r\nc\r\n.\r\n" },
  { "A: b\n\nunfinished", WHOLE, "A: b\r\n\r\nunfinished\r\n.\r\n" },
  { "a\r\nb\r\n", WHOLE, "a\r\nb\r\n.\r\n" },
  { "a\r\r\r\n\r\r\n.\r\n", WHOLE, "a\r\n\r\n..\r\n.\r\n" },
  { "a\r\rb\n", WHOLE, "a\r\rb\r\n.\r\n" },
  { "a\r", WHOLE, "a\r\n.\r\n" },
  { "a\rb\n\r.\n", WHOLE, "a\rb\r\n\r.\r\n.\r\n" },
  { "\r", WHOLE, "\r\n.\r\n" },
  { "\n\n\n", WHOLE, "\r\n\r\n\r\n.\r\n" },
  { "A: b\n", 0, "A: b\r\n.\r\n" },
  { "A: b\n\n", 0, "A: b\r\n\r\n.\r\n" },
  { "A: b\n\nc\n", 0, "A: b\r\n\r\n.\r\n" },
  { "A: b\n\nc\n\nd\n", 1, "A: b\r\n\r\nc\r\n.\r\n" },
  { "A: b\n\nc\n\nd\n", 2, "A: b\r\n\r\nc\r\n\r\n.\r\n" },
  { "A: b\n\n.c\n.d", 1, "A: b\r\n\r\n..c\r\n.\r\n" },
  { "A: b\n\nc\nd", 2, "A: b\r\n\r\nc\r\nd\r\n.\r\n" },
  { "A: b\n\nc\n", 99, "A: b\r\n\r\nc\r\n.\r\n" },
  { "A: b\r\n\r\nc\r\n", 0, "A: b\r\n\r\n.\r\n" },
  { "A: b\n\rc\n\nd\n", 0, "A: b\r\n\rc\r\n\r\n.\r\n" },
  { "\nc\nd\n", 1, "\r\nc\r\n.\r\n" },
};

static void every_cut(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t n = 1; n <= 16; n++) assert_string_equal(send(cases[i].message, cases[i].lines, n), cases[i].wire);
}

static void a_nul_is_a_byte(void **state)
{
  struct transfer t = { .put = put, .whole = true };
  (void)state;
  sent_len = 0;
  transfer_piece(&t, "a\0b\n\0\n", 6);
  transfer_end(&t);
  assert_int_equal(sent_len, 11);
  assert_memory_equal(sent, "a\0b\r\n\0\r\n.\r\n", 11);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(every_cut), cmocka_unit_test(a_nul_is_a_byte) };
  return cmocka_run_group_tests(tests, 0, 0);
}
