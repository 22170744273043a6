#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "local_known.h"

static bool knows(char const *box, char const *record, uint64_t now)
{
  stralloc const *r = known_find(box, strlen(box), now);
  if (!r) return !record;
  return record && r->len == strlen(record) && !memcmp(r->s, record, r->len);
}

static void learn(char const *box, char const *record, uint64_t now)
{
  known_learn(box, strlen(box), record, strlen(record), now);
}

static void what_was_learnt_is_known_for_a_while(void **state)
{
  (void)state;
  assert_true(knows("joe", 0, 100));
  learn("joe", "one", 100);
  assert_true(knows("joe", "one", 100));
  assert_true(knows("joe", "one", 100 + KNOWN_SECONDS - 1));
  assert_true(knows("joe", 0, 100 + KNOWN_SECONDS));
  assert_true(knows("Joe", 0, 100));
  assert_true(knows("jo", 0, 100));
  assert_true(knows("joe-", 0, 100));
  learn("joe", "two", 200);
  assert_true(knows("joe", "two", 200));
  known_forget();
  assert_true(knows("joe", 0, 200));
}

static void two_on_one_place_are_never_mistaken(void **state)
{
  (void)state;
  char box[20];
  for (int i = 0; i < 4 * KNOWN_BOXES; i++) {
    snprintf(box, sizeof box, "box%d", i);
    learn(box, box, 1);
    assert_true(knows(box, box, 1));
  }
  int known = 0;
  for (int i = 0; i < 4 * KNOWN_BOXES; i++) {
    snprintf(box, sizeof box, "box%d", i);
    if (knows(box, 0, 1)) continue;
    assert_true(knows(box, box, 1));
    known++;
  }
  assert_in_range(known, KNOWN_BOXES / 2, KNOWN_BOXES);
}

int main(void)
{
  static struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_was_learnt_is_known_for_a_while),
    cmocka_unit_test(two_on_one_place_are_never_mistaken)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
