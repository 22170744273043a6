/* Cookies and hashes as lists that exist have them in mails and archives. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cookie.h"

#define KEY "0123456789abcdef"

static struct { char const *key, *table, *date, *address; char action; char const *cookie; } const cookies[] = {
  { KEY, ".", "1000000000", "user@example.com", 's', "icgbkodbnmekcbbmhbje" },
  { KEY, "digest", "1000000000", "user@example.com", 's', "kfelkbmfakkdgehgkeoa" },
  { KEY, "allow", "1000000000", "user@example.com", 't', "icenodclahmpjfckpmcl" },
  { KEY, ".", "1000000000", "user@example.com", 'W', "ibhkcjkdpakicnpoongi" },
  { KEY, ".", "1000000000", "user@example.com", 'P', "bgdgaedmhmmmabfkpjhe" },
  { KEY, ".", "1000000000.4711", "", 'a', "pbbneimhhihneoippiae" },
  { "", ".", "", "user@example.com", 0, "aaiapijcjmbadoebacci" },
};

static void cookies_are_those_of_the_family(void **state)
{
  char got[COOKIE_LENGTH];
  (void)state;
  for (size_t i = 0; i < sizeof cookies / sizeof *cookies; i++) {
    struct field key = cookie_key(field_of(cookies[i].key), cookies[i].table);
    cookie_make(got, key, field_of(cookies[i].date), field_of(cookies[i].address), cookies[i].action);
    if (memcmp(got, cookies[i].cookie, sizeof got)) fail_msg("%s: %.20s", cookies[i].cookie, got);
    assert_true(cookie_is(field_of(cookies[i].cookie), key, field_of(cookies[i].date), field_of(cookies[i].address), cookies[i].action));
    got[COOKIE_LENGTH - 1] ^= 1;
    assert_false(cookie_is((struct field){ got, sizeof got }, key, field_of(cookies[i].date), field_of(cookies[i].address), cookies[i].action));
  }
}

static struct { char const *text, *hash; } const loose[] = {
  { "Test subject", "kefmkoahjohlcbjbmhln" },
  { "\tTEST sub ject ", "kefmkoahjohlcbjbmhln" },
  { "", "abgbpcehkblbadijpepd" },
  { "joe@example.com", "iilpffjkofeocejjcgln" },
  { "<joe@example.com", "pjemhgnfechpnpnhdnik" },
};

static void hashes_are_those_of_archives(void **state)
{
  char got[SURF_LETTERS];
  (void)state;
  for (size_t i = 0; i < sizeof loose / sizeof *loose; i++) {
    surf_loose(got, loose[i].text, strlen(loose[i].text));
    if (memcmp(got, loose[i].hash, sizeof got)) fail_msg("%s: %.20s", loose[i].text, got);
  }
}

static struct { char const *text; uint64_t when; char const *rest; } const dated[] = {
  { "1000000000.icgbkodbnmekcbbmhbje-a=b", 1000000000, "-a=b" },
  { "1000000000.icgbkodbnmekcbbmhbje", 1000000000, "" },
  { "1000000000.icgbkodbnmekcbbmhbj", 0, 0 },
  { "1000000000-icgbkodbnmekcbbmhbje", 0, 0 },
  { ".icgbkodbnmekcbbmhbje", 0, 0 },
  { "", 0, 0 },
};

static void a_cookie_with_its_time(void **state)
{
  struct dated_cookie c;
  (void)state;
  for (size_t i = 0; i < sizeof dated / sizeof *dated; i++) {
    struct field rest = field_of(dated[i].text);
    if (cookie_read(&c, &rest) != (dated[i].rest != 0)) fail_msg("%s", dated[i].text);
    if (dated[i].rest && (c.when != dated[i].when || !field_is(rest, dated[i].rest))) fail_msg("%s", dated[i].text);
  }
  c.when = 1000;
  assert_true(cookie_fresh(&c, 1000, 5));
  assert_true(cookie_fresh(&c, 1005, 5));
  assert_false(cookie_fresh(&c, 1006, 5));
  assert_false(cookie_fresh(&c, 999, 5));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(cookies_are_those_of_the_family),
    cmocka_unit_test(hashes_are_those_of_archives),
    cmocka_unit_test(a_cookie_with_its_time),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
