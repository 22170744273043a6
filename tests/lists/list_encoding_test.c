/* Texts that a list writes, as they travel. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "list_encoding.h"
#include "text.h"

#define X10 "xxxxxxxxxx"
#define X70 X10 X10 X10 X10 X10 X10 X10

static struct { char as; char const *text, *encoded; } const cases[] = {
  { 0, "a = b \n", "a = b \n" },
  { 'Q', "", "" },
  { 'Q', "a = b\n", "a =3D b\n" },
  { 'Q', "a \nb\t\n \n", "a=20\nb=09\n=20\n" },
  { 'Q', "a ", "a=20" },
  { 'Q', "\xc3\xa4\r\n\x7f\n", "=C3=A4=0D\n=7F\n" },
  { 'Q', X70 "xx\n", X70 "xx\n" },
  { 'Q', X70 "xxx\n", X70 "xx=\nx\n" },
  { 'Q', X70 "=\n", X70 "=\n=3D\n" },
  { 'Q', X70 "xx y\n", X70 "xx=\n y\n" },
  { 'B', "", "" },
  { 'B', "a\n", "YQ0K\n" },
  { 'B', "ab\n", "YWINCg==\n" },
  { 'B', X10 X10 X10 X10 X10 "xxxx", "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n" },
  { 'B', X10 X10 X10 X10 X10 "xxxx\n", "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\nDQo=\n" },
};

static void texts_are_encoded(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t cut = 0; cut <= strlen(cases[i].text); cut++) {
      struct list_encoding e;
      stralloc got = STRALLOC_ZERO;
      list_encoding_begin(&e, cases[i].as);
      list_encoding_add(&got, &e, cases[i].text, cut);
      list_encoding_add(&got, &e, cases[i].text + cut, strlen(cases[i].text) - cut);
      list_encoding_end(&got, &e);
      assert_string_equal(text_z(&got), cases[i].encoded);
      stralloc_free(&got);
    }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(texts_are_encoded) };
  return cmocka_run_group_tests(tests, 0, 0);
}
