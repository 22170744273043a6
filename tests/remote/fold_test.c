/* Lines that are longer than SMTP allows. In the cases '#' stands for 990 letters. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "remote_fold.h"

enum { MANY = 990, TEXT_MAX = 20000 };

static struct { char const *message, *folded; } const cases[] = {
  /* nothing too long */
  { "",                                        "" },
  { "A: b\n\nc d\n",                           "A: b\n\nc d\n" },
  { "A: #12345\n\n1234567 #\n",                "A: #12345\n\n1234567 #\n" },
  { "A: #12 45\r\n\r\n#1234 78\r\n",            "A: #12 45\r\n\r\n#1234 78\r\n" },
  /* a field is folded before a blank, not into a blank line */
  { "A: b #12345\n\n",                         "A: b\n #12345\n\n" },
  { "A: b #12345\r\n\r\n",                     "A: b\n #12345\r\n\r\n" },
  { "A: b\t#12345\n",                          "A: b\n\t#12345\n" },
  { "A: # # #\n",                              "A: #\n #\n #\n" },
  { "A: #1   x2345\n",                         "A: #1  \n x2345\n" },
  { "A: #1        \n",                         "A:\n #1        \n" },
  { "A:#12345678\n",                           "A:#12345678\n" },
  { " \t #12345678\n",                         " \t #12345678\n" },
  /* a line of the body behind one */
  { "\na b #123456\n",                         "\na b \n#123456\n" },
  { "\r\na b #123456\r\n",                     "\r\na b \n#123456\r\n" },
  { "\n#1 # 2\r# 123 4567\n",                  "\n#1 \n# 2\r# 123 \n4567\n" },
  { "\n#12345678 b\n",                         "\n#12345678 b\n" },
  { "\n#123456789 # 12345 6\nc d\n",            "\n#123456789 # 12345 6\nc d\n" },
  { "\n #12345678\n",                          "\n #12345678\n" },
  { "\na #12345678",                           "\na \n#12345678" },
  /* whose body is no plain text */
  { "Content-Type: text/html\nA: b #12345\n\na #12345678\n",    "Content-Type: text/html\nA: b\n #12345\n\na #12345678\n" },
  { "content-type :\n multipart/mixed\n\na #12345678\n",        "content-type :\n multipart/mixed\n\na #12345678\n" },
  { "Content-Type: text/plainer\n\na #12345678\n",              "Content-Type: text/plainer\n\na #12345678\n" },
  { "Content-Transfer-Encoding: base64\n\na #12345678\n",       "Content-Transfer-Encoding: base64\n\na #12345678\n" },
  { "Content-Transfer-Encoding: 8bit\n\na #12345678\n",         "Content-Transfer-Encoding: 8bit\n\na \n#12345678\n" },
  { "Content-Type:\n text/plain; charset=x\n\na #12345678\n",  "Content-Type:\n text/plain; charset=x\n\na \n#12345678\n" },
  { "Content-Type: text/plain\r\n\r\na #12345678\n",            "Content-Type: text/plain\r\n\r\na \n#12345678\n" },
  { "A: b\n\nContent-Type: text/html\na #12345678\n",          "A: b\n\nContent-Type: text/html\na \n#12345678\n" },
  /* what is signed */
  { "DKIM-Signature: x\nA: b #12345\n\na #12345678\n",         "DKIM-Signature: x\nA: b #12345\n\na #12345678\n" },
  { "A: b #12345\narc-seal: x\n\na #12345678\n",               "A: b #12345\narc-seal: x\n\na #12345678\n" },
};

static char *expand(char const *s)
{
  char *to = malloc(TEXT_MAX), *at = to;
  for (; *s; s++)
    if (*s != '#') *at++ = *s;
    else for (int i = 0; i < MANY; i++) *at++ = 'x';
  *at = 0;
  return to;
}

static size_t fold(char *to, char const *s, size_t len, size_t piece)
{
  static struct fold f;
  size_t out = 0;
  fold_begin(&f, s, len);
  for (size_t i = 0; i < len; i += piece) {
    size_t n = len - i < piece ? len - i : piece;
    char *block = malloc(fold_room(n));
    size_t got = fold_text(&f, block, s + i, n);
    assert_true(got <= fold_room(n));
    memcpy(to + out, block, got);
    out += got;
    free(block);
  }
  return out + fold_end(&f, to + out);
}

static void folds_wherever_the_blocks_end(void **state)
{
  static char got[2 * TEXT_MAX];
  static size_t const pieces[] = { 1, 7, 998, 999, TEXT_MAX };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *message = expand(cases[i].message), *wanted = expand(cases[i].folded);
    for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
      size_t len = fold(got, message, strlen(message), pieces[p]);
      if (len != strlen(wanted) || memcmp(got, wanted, len) != 0) fail_msg("case %zu: %.*s", i, (int)len, got);
    }
    free(message);
    free(wanted);
  }
}

static void a_header_without_end_is_not_touched(void **state)
{
  static char message[FOLD_HEADER_MAX + 2000], got[2 * sizeof message];
  (void)state;
  for (size_t i = 0; i < sizeof message; i++) message[i] = i % 500 == 499 ? '\n' : 'x';
  memset(message + 1000, ' ', 1500);
  message[1500] = 'x';
  assert_int_equal(fold(got, message, sizeof message, 4096), sizeof message);
  assert_memory_equal(got, message, sizeof message);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(folds_wherever_the_blocks_end), cmocka_unit_test(a_header_without_end_is_not_touched),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
