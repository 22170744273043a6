/* What a domain's rules of delivery say, and which lines say nothing that is known. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vrules.h"

static struct { char const *text; size_t wrong; bool extensions; uint32_t overquota; } const texts[] = {
  { "", 0, false, 3 },
  { "# none\n\n  \n", 0, false, 3 },
  { "extensions yes\noverquota 0", 0, true, 0 },
  { "  extensions\tyes  \r\noverquota 365\n", 0, true, 365 },
  { "extensions yes\nextensions no\n", 0, false, 3 },
  { "overquota 366\n", 1, false, 3 },
  { "overquota 364\n", 0, false, 364 },
  { "\noverquota -1\n", 2, false, 3 },
  { "overquota\n", 1, false, 3 },
  { "overquota 99999999999999999999999\n", 1, false, 3 },
  { "overquota 3 days\n", 1, false, 3 },
  { "extensions on\n", 1, false, 3 },
  { "#\nextension yes\n", 2, false, 3 },
};

static void lines_are_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct vrules rules = VRULES_ZERO;
    size_t wrong = vrules_parse(&rules, texts[i].text, strlen(texts[i].text));
    if (wrong != texts[i].wrong) fail_msg("%s: line %zu", texts[i].text, wrong);
    if (wrong) continue;
    assert_int_equal(rules.extensions, texts[i].extensions);
    assert_int_equal(rules.overquota, texts[i].overquota);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines_are_read) };
  return cmocka_run_group_tests(tests, 0, 0);
}
