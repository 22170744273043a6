/* Addresses with characters beyond ASCII. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "address_utf8.h"
#include "bytes.h"

static struct { char const *address; enum address_utf8 result; char const *taken; } const cases[] = {
  { "", ADDRESS_ASCII, "" },
  { "Joe@Example.NET", ADDRESS_ASCII, "Joe@Example.NET" },
  { "a@[1.2.3.4]", ADDRESS_ASCII, "a@[1.2.3.4]" },
  { "\xc3\xbc", ADDRESS_UTF8, "\xc3\xbc" },
  { "j\xc3\xbc@Example.NET", ADDRESS_UTF8, "j\xc3\xbc@Example.NET" },
  { "e\xcc\x81@b", ADDRESS_UTF8, "e\xcc\x81@b" },
  { "joe@b\xc3\xbc" "cher.example", ADDRESS_UTF8, "joe@xn--bcher-kva.example" },
  { "\xc3\xbc@x@B\xc3\x9c" "cher.example", ADDRESS_UTF8, "\xc3\xbc@x@xn--bcher-kva.example" },
  { "\xf0\x9f\x98\x80@b", ADDRESS_UTF8, "\xf0\x9f\x98\x80@b" },
  { "\xc2\xa0@b", ADDRESS_UTF8, "\xc2\xa0@b" },
  { "\xfc@b", ADDRESS_NOT_UTF8, "\xfc@b" },
  { "\xc3@b", ADDRESS_NOT_UTF8, "\xc3@b" },
  { "\xc1\x81@b", ADDRESS_NOT_UTF8, "\xc1\x81@b" },
  { "\xed\xb0\x80@b", ADDRESS_NOT_UTF8, "\xed\xb0\x80@b" },
  { "\xf4\x90\x80\x80@b", ADDRESS_NOT_UTF8, "\xf4\x90\x80\x80@b" },
  { "\xc2\x80@b", ADDRESS_NOT_UTF8, "\xc2\x80@b" },
  { "\xc2\x9f@b", ADDRESS_NOT_UTF8, "\xc2\x9f@b" },
  { "\xef\xb7\x90@b", ADDRESS_NOT_UTF8, "\xef\xb7\x90@b" },
  { "\xef\xb7\xb0@b", ADDRESS_UTF8, "\xef\xb7\xb0@b" },
  { "\xef\xbf\xbd@b", ADDRESS_UTF8, "\xef\xbf\xbd@b" },
  { "\xef\xbf\xbf@b", ADDRESS_NOT_UTF8, "\xef\xbf\xbf@b" },
  { "\xf0\x9f\xbf\xbe@b", ADDRESS_NOT_UTF8, "\xf0\x9f\xbf\xbe@b" },
  { "\xf4\x8f\xbf\xbf@b", ADDRESS_NOT_UTF8, "\xf4\x8f\xbf\xbf@b" },
  { "a@b\xfc", ADDRESS_NOT_UTF8, "a@b\xfc" },
  { "a@\xc3\xbc..b", ADDRESS_NO_DOMAIN, "a@\xc3\xbc..b" },
};

static void addresses(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    stralloc address = STRALLOC_ZERO;
    assert_true(bytes_set(&address, cases[i].address));
    enum address_utf8 r = address_utf8_take(&address);
    if (r != cases[i].result) fail_msg("%s: %d", cases[i].address, r);
    assert_true(bytes_z(&address));
    assert_string_equal(address.s, cases[i].taken);
    stralloc_free(&address);
  }
}

static struct { char const *address, *composed; } const boxes[] = {
  { "", "" }, { "joe", "joe" }, { "e\xcc\x81", "\xc3\xa9" }, { "Re\xcc\x81@b", "R\xc3\xa9@b" }, { "\xfc@b", "\xfc@b" },
  { "a@e\xcc\x81", "a@e\xcc\x81" },
};

static void boxes_in_one_form(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
    stralloc address = STRALLOC_ZERO;
    assert_true(bytes_set(&address, boxes[i].address));
    assert_true(address_utf8_compose(&address) && bytes_z(&address));
    assert_string_equal(address.s, boxes[i].composed);
    stralloc_free(&address);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(addresses), cmocka_unit_test(boxes_in_one_form) };
  return cmocka_run_group_tests(tests, 0, 0);
}
