/* The message on its way: every line end becomes CR LF, every dot that begins a line is doubled. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smtp_body.h"

static struct { char const *message, *wire; } const cases[] = {
  /* nothing but the end */
  { "",                     ".\r\n" },
  { "\n",                   "\r\n.\r\n" },
  { "\r",                   "\r\n.\r\n" },
  { "\r\n",                 "\r\n.\r\n" },
  { "\n\r",                 "\r\n\r\n.\r\n" },
  { "\r\r\n",               "\r\n\r\n.\r\n" },
  { "\r\r",                 "\r\n\r\n.\r\n" },
  /* the last line is finished for its writer */
  { "a",                    "a\r\n.\r\n" },
  { ".",                    "..\r\n.\r\n" },
  { "a\n.",                 "a\r\n..\r\n.\r\n" },
  { "a\r",                  "a\r\n.\r\n" },
  { "a\n",                  "a\r\n.\r\n" },
  /* dots */
  { ".\n",                  "..\r\n.\r\n" },
  { "..\n",                 "...\r\n.\r\n" },
  { "a.\n.b\n",             "a.\r\n..b\r\n.\r\n" },
  { ".\r\n",                "..\r\n.\r\n" },
  /* what smuggles: an end of data that only one of two servers sees */
  { "a\n.\nMAIL",           "a\r\n..\r\nMAIL\r\n.\r\n" },
  { "a\r.\rMAIL",           "a\r\n..\r\nMAIL\r\n.\r\n" },
  { "a\r.\nMAIL",           "a\r\n..\r\nMAIL\r\n.\r\n" },
  { "a\n.\rMAIL",           "a\r\n..\r\nMAIL\r\n.\r\n" },
  { "a\r\n.\rMAIL",         "a\r\n..\r\nMAIL\r\n.\r\n" },
  { "a\r.\r\nMAIL",         "a\r\n..\r\nMAIL\r\n.\r\n" },
  { "a\r\n.\r\nMAIL",       "a\r\n..\r\nMAIL\r\n.\r\n" },
  { "a\r\r\n.\r\r\nMAIL",   "a\r\n\r\n..\r\n\r\nMAIL\r\n.\r\n" },
  { "a\r\n\r.\r\nMAIL",     "a\r\n\r\n..\r\nMAIL\r\n.\r\n" },
  /* everything else goes as it is */
  { "a\tb \x80\xff\x01\n",  "a\tb \x80\xff\x01\r\n.\r\n" },
};

static size_t encode(char *to, char const *s, size_t len, size_t cut)
{
  enum smtp_body_state at = BODY_LINE_START;
  size_t n = smtp_body_encode(&at, to, s, cut);
  n += smtp_body_encode(&at, to + n, s + cut, len - cut);
  return n + smtp_body_finish(at, to + n);
}

static void encodes_wherever_the_blocks_end(void **state)
{
  char wire[200];
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t cut = 0, len = strlen(cases[i].message); cut <= len; cut++) {
      size_t n = encode(wire, cases[i].message, len, cut);
      wire[n] = 0;
      assert_string_equal(wire, cases[i].wire);
    }
}

/* Who drops a NUL behind us must not find a dot where we put none. */
static struct { char const *message; size_t len; char const *wire; } const with_nul[] = {
  { "a\0b\n", 4, "ab\r\n.\r\n" },
  { "\0", 1, ".\r\n" },
  { "a\n\0.\nMAIL", 9, "a\r\n..\r\nMAIL\r\n.\r\n" },
  { "a\n.\0\nMAIL", 9, "a\r\n..\r\nMAIL\r\n.\r\n" },
  { "a\r\0\n.\n", 6, "a\r\n..\r\n.\r\n" },
  { "\0\0.", 3, "..\r\n.\r\n" },
};

static void leaves_nul_out(void **state)
{
  char wire[40];
  (void)state;
  for (size_t i = 0; i < sizeof with_nul / sizeof *with_nul; i++)
    for (size_t cut = 0; cut <= with_nul[i].len; cut++) {
      wire[encode(wire, with_nul[i].message, with_nul[i].len, cut)] = 0;
      assert_string_equal(wire, with_nul[i].wire);
    }
}

/* All texts of up to seven bytes over what matters: the result holds no bare CR or LF and ends only at its end. */
static void no_text_ends_early(void **state)
{
  static char const letters[] = { '\r', '\n', '.', 'x' };
  (void)state;
  for (unsigned length = 0; length <= 7; length++)
    for (unsigned long number = 0; number < 1ul << (2 * length); number++) {
      char text[8], wire[32];
      for (unsigned i = 0; i < length; i++) text[i] = letters[number >> (2 * i) & 3];
      size_t n = encode(wire + 2, text, length, length / 2) + 2;
      wire[0] = '\r';
      wire[1] = '\n';
      for (size_t i = 0; i < n; i++) {
        if (wire[i] == '\r') assert_true(i + 1 < n && wire[i + 1] == '\n');
        if (wire[i] == '\n') assert_true(i > 0 && wire[i - 1] == '\r');
        if (i + 5 < n) assert_memory_not_equal(wire + i, "\r\n.\r\n", 5);
      }
      assert_memory_equal(wire + n - 5, "\r\n.\r\n", 5);
    }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(encodes_wherever_the_blocks_end),
    cmocka_unit_test(leaves_nul_out),
    cmocka_unit_test(no_text_ends_early),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
