/* How many workers one domain can keep. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crowd.h"

enum { MAX = 8, HANGING = 2000 };

/* A letter for each worker: into which domain it goes, in lower case if it has no room there, since those who are in it
   hang. */
static struct { size_t workers; char const *where; } const days[] = {
  { 1, "A" }, { 2, "Aa" }, { 2, "AB" }, { 3, "AaB" }, { 4, "AAaB" }, { 4, "ABAB" }, { 4, "AAaa" }, { 8, "AAAAaBBB" }, { 8, "AAAAaBBC" },
  { 8, "ABCABCAB" },
};

static void goes(struct crowd_mark *marks, size_t workers, size_t mine, char letter)
{
  stralloc name = { .s = (char[]){ '/', (char)(letter & ~32) }, .len = 2, .a = 2 };
  crowd_join(marks, workers, mine);
  assert_int_equal(crowd_enter(&name), letter == (letter & ~32));
  if (letter & 32) assert_int_equal(errno, EBUSY);
  else marks[mine].since -= HANGING;
}

static void nobody_has_more_than_half(void **state)
{
  (void)state;
  for (size_t d = 0; d < sizeof days / sizeof *days; d++) {
    struct crowd_mark *marks = crowd_marks(MAX);
    for (size_t i = 0; i < days[d].workers; i++) goes(marks, days[d].workers, i, days[d].where[i]);
  }
}

static void who_leaves_makes_room(void **state)
{
  (void)state;
  struct crowd_mark *marks = crowd_marks(2);
  goes(marks, 2, 0, 'A');
  goes(marks, 2, 1, 'a');
  crowd_join(marks, 2, 0);
  goes(marks, 2, 1, 'A');
  crowd_leave();
  goes(marks, 2, 0, 'A');
}

static void who_never_joins_is_in_no_crowd(void **state)
{
  (void)state;
  stralloc name = { .s = (char[]){ '/' }, .len = 1, .a = 1 };
  for (int i = 0; i < 9; i++) assert_true(crowd_enter(&name));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(who_never_joins_is_in_no_crowd),
    cmocka_unit_test(nobody_has_more_than_half),
    cmocka_unit_test(who_leaves_makes_room),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
