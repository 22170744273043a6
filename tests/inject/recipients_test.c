/* Each address once, in the order in which they were named. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "recipients.h"
#include "text.h"

static struct { char const *in, *out; } const lists[] = {
  { "", "" },
  { "a", "a" },
  { "a a", "a" },
  { "b@x a@x b@x a@x c@x", "b@x a@x c@x" },
  { "a@x.Y a@X.y a@x.y", "a@x.Y" },
  { "A@x a@x", "A@x a@x" },
  { "a@b@x a@B@x a@b@X", "a@b@x a@B@x" },
  { "a a@ a@x ab@x", "a a@ a@x ab@x" },
  { "aa@x a@x a@xx a@x aa@x", "aa@x a@x a@xx" },
};

static void each_is_named_once(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    struct recipients r = RECIPIENTS_ZERO;
    stralloc got = STRALLOC_ZERO;
    for (char const *s = lists[i].in; *s; s += strspn(s, " ")) {
      size_t len = strcspn(s, " ");
      recipients_add(&r, s, len);
      s += len;
    }
    recipients_add(&r, "", 0);
    recipients_unite(&r);
    for (size_t k = 0; k < recipients_count(&r); k++) {
      if (k) text_add(&got, " ");
      text_add(&got, recipients_get(&r, k));
    }
    assert_string_equal(text_z(&got), lists[i].out);
    stralloc_free(&got);
  }
}

static void many_are_no_trouble(void **state)
{
  (void)state;
  struct recipients r = RECIPIENTS_ZERO;
  for (int i = 0; i < 100000; i++) recipients_add(&r, i % 2 ? "a@x" : "b@x", 3);
  recipients_unite(&r);
  assert_int_equal(recipients_count(&r), 2);
  assert_string_equal(recipients_get(&r, 0), "b@x");
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(each_is_named_once), cmocka_unit_test(many_are_no_trouble) };
  return cmocka_run_group_tests(tests, 0, 0);
}
