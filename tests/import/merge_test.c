#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "merge.h"
#include "text.h"

static struct { enum harvest_kind kind; char const *there, *comes, *becomes; bool same; } const cases[] = {
  { HARVEST_ONE,  "",                   "a\n",          "a\n",                    false },
  { HARVEST_ONE,  "a",                  "a\n",          "a\n",                    true },
  { HARVEST_ONE,  "a \nrest\n",         "a\n",          "a\n",                    true },
  { HARVEST_ONE,  "b\n",                "a\n",          "a\n",                    false },
  { HARVEST_LIST, "",                   "",             "",                       true },
  { HARVEST_LIST, "# ours\nA\n",        "a\nb\n",       "# ours\nA\nb\n",         false },
  { HARVEST_LIST, "a\nb",               "b\na\n",       "a\nb\n",                 true },
  { HARVEST_MAP,  "a:1\n\n#\nb:2",      "a:1\n",        "a:1\n\n#\nb:2\n",        true },
  { HARVEST_MAP,  "a:1\nb:2\nA:3\n",    "a:4\nc:5\n",   "b:2\na:4\nc:5\n",        false },
  { HARVEST_MAP,  "a:1\na:2\n",         "a:2\n",        "a:2\n",                  false },
  { HARVEST_MAP,  "no colon\n",         ":x\n",         "no colon\n:x\n",         false },
};

static void merges(void **state)
{
  stralloc to = STRALLOC_ZERO, again = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    to.len = again.len = 0;
    assert_int_equal(merge(&to, cases[i].kind, field_of(cases[i].there), field_of(cases[i].comes)), cases[i].same);
    assert_string_equal(text_z(&to), cases[i].becomes);
    assert_true(!to.len || merge(&again, cases[i].kind, field_of(to.s), field_of(cases[i].comes)));
  }
  stralloc_free(&to);
  stralloc_free(&again);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(merges) };
  return cmocka_run_group_tests(tests, 0, 0);
}
