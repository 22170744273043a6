/* Names of hosts beyond ASCII. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "idn.h"

#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10
#define X63 X60 "xxx"

static struct { char const *name, *ascii; enum idn_result result; } const names[] = {
  { "b\xc3\xbc" "cher.example", "xn--bcher-kva.example", IDN_OK },
  { "B\xc3\x9c" "CHER.Example", "xn--bcher-kva.example", IDN_OK },
  { "bu\xcc\x88" "cher.example", "xn--bcher-kva.example", IDN_OK },
  { "stra\xc3\x9f" "e.example", "xn--strae-oqa.example", IDN_OK },
  { "a\xef\xbc\x8e" "b\xe3\x80\x82" "c\xef\xbd\xa1" "de", "a.b.c.de", IDN_OK },
  { "\xef\xbc\xa1.example", "a.example", IDN_OK },
  { "a_\xc3\xbc.example", "xn--a_-yka.example", IDN_OK },
  { "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.\xd1\x80\xd1\x84", "xn--80a1acny.xn--p1ai", IDN_OK },
  { "xn--bcher-kva.\xc3\xbc", "xn--bcher-kva.xn--tda", IDN_OK },
  { "", 0, IDN_BAD },
  { "\xef\xbc\x8e", 0, IDN_BAD },                   /* a dot, and nothing else */
  { "\xef\xbc\x8e\xc3\xbc.example", 0, IDN_BAD },
  { "\xc3\xbc.", 0, IDN_BAD },
  { "\xc3\xbc..example", 0, IDN_BAD },
  { "-\xc3\xbc.example", 0, IDN_BAD },
  { "x\xef\xbc\xa0\xc3\xbc.example", 0, IDN_BAD },  /* a wide at sign */
  { "\xef\xbc\xbb" "1.2.3.4\xef\xbc\xbd", 0, IDN_BAD },
  { "\xef\xbc\x9c\xc3\xbc.example", 0, IDN_BAD },
  { "\xc3\xbc /.example", 0, IDN_BAD },
  { "\xc3\xbc\n.example", 0, IDN_BAD },
  { "\xe2\x80\x8b.example", 0, IDN_BAD },           /* a blank of no width is nothing */
  { "xn--a.\xc3\xbc", 0, IDN_BAD },
  { "\xe2\x82\xac.example", 0, IDN_BAD },
  { "b\xfc" "cher.example", 0, IDN_BAD },
  { "\xc0\xae.example", 0, IDN_BAD },
  { X63 "." X63 "." X63 "." X63 ".\xc3\xbc", 0, IDN_TOO_LONG },
};

static void names_of_all_alphabets(void **state)
{
  (void)state;
  stralloc ascii = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    enum idn_result r = idn_to_ascii(&ascii, names[i].name, strlen(names[i].name));
    if (r != names[i].result) fail_msg("%s: %d", names[i].name, r);
    assert_true(bytes_z(&ascii));
    if (r == IDN_OK) assert_string_equal(ascii.s, names[i].ascii);
  }
  assert_int_equal(idn_to_ascii(&ascii, "\xc3\xbc\0.example", 11), IDN_BAD);
  static char const long_name[2000] = { 0 };
  assert_int_equal(idn_to_ascii(&ascii, long_name, sizeof long_name), IDN_TOO_LONG);
  stralloc_free(&ascii);
}

static struct { char const *text, *composed; enum idn_result result; } const texts[] = {
  { "", "", IDN_OK },
  { "joe", "joe", IDN_OK },
  { "jos\xc3\xa9", "jos\xc3\xa9", IDN_OK },
  { "jose\xcc\x81", "jos\xc3\xa9", IDN_OK },
  { "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c", IDN_OK },
  { "\xef\xbc\xa1", "\xef\xbc\xa1", IDN_OK },       /* another letter, and not another way to write one */
  { "\xfc", 0, IDN_BAD },
};

static void characters_in_one_piece(void **state)
{
  (void)state;
  stralloc composed = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    composed.len = 0;
    assert_int_equal(idn_compose(&composed, texts[i].text, strlen(texts[i].text)), texts[i].result);
    assert_true(bytes_z(&composed));
    if (texts[i].composed) assert_string_equal(composed.s, texts[i].composed);
  }
  stralloc_free(&composed);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(names_of_all_alphabets), cmocka_unit_test(characters_in_one_piece) };
  return cmocka_run_group_tests(tests, 0, 0);
}
