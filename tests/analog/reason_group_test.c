/* Reasons that are one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "reason_group.h"
#include "text.h"

static struct { char const *reason, *group; } const cases[] = {
  { "", "" },
  { "_", "" },
  { "Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/", "Sorry, no mailbox here by that name. (#5.1.1)/" },
  { "192.0.2.1_does_not_like_recipient./Remote_host_said:_550_5.1.1_<joe@example.net>:_unknown/",
    "IP does not like recipient./Remote host said: 550 5.1.1 <ADDRESS>: unknown/" },
  { "2001:db8::25_failed_after_I_sent_the_message.", "IP failed after I sent the message." },
  { "Greylisted_for_300_seconds,_id_4Xk9Pq2Zz1", "Greylisted for 300 seconds, id ID" },
  { "see_https://example.net/why?ip=1", "see URL" },
  { "queued_as_123456_of_12_(450)", "queued as N of 12 (450)" },
  { "[192.0.2.7]:_1.2.3_x1_ab12cd", "[IP]: 1.2.3 x1 ID" },
};

static void groups(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    stralloc group = STRALLOC_ZERO;
    reason_group(&group, (struct field){ cases[i].reason, strlen(cases[i].reason) });
    if (strcmp(text_z(&group), cases[i].group)) fail_msg("%s: %s", cases[i].reason, group.s);
    stralloc_free(&group);
  }
}

static void a_group_has_a_limit(void **state)
{
  (void)state;
  char reason[3 * REASON_GROUP_MAX];
  memset(reason, 'x', sizeof reason);
  for (size_t len = REASON_GROUP_MAX - 1; len < sizeof reason; len++) {
    stralloc group = STRALLOC_ZERO;
    reason_group(&group, (struct field){ reason, len });
    assert_int_equal(group.len, len < REASON_GROUP_MAX ? len : REASON_GROUP_MAX);
    stralloc_free(&group);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(groups), cmocka_unit_test(a_group_has_a_limit) };
  return cmocka_run_group_tests(tests, 0, 0);
}
