#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "seats.h"

enum { MAX = 20, US = 1000, ANN = 1, BOB, CARL, DORA };

/* One after the other comes in, a letter each: + has a seat, - has none. */
static struct { size_t seats; int comers[24]; char const *welcome; } const days[] = {
  { 2,  { ANN, ANN }, "+-" },
  { 2,  { ANN, BOB }, "+-" },
  { 4,  { ANN, ANN, BOB, CARL, US, US }, "+-+-++" },
  { 20, { ANN, ANN, ANN, ANN, ANN, ANN, ANN }, "+++++--" },
  { 8,  { ANN, ANN, ANN, BOB, BOB, BOB, CARL, DORA, US, US, US, US }, "++-++---++++" },
  { 8,  { US, US, US, US, US, US, ANN, ANN }, "++++++++" }
};

static void everybody_has_a_share(void **state)
{
  (void)state;
  for (size_t d = 0; d < sizeof days / sizeof *days; d++) {
    struct seat seats[MAX] = { 0 };
    size_t at = 0;
    for (size_t i = 0; days[d].comers[i]; i++) {
      int who = days[d].comers[i];
      bool welcome = seat_take(seats, days[d].seats, at, (uid_t)who, who == US);
      if (welcome != (days[d].welcome[i] == '+')) fail_msg("day %zu comer %zu", d, i);
      if (welcome && at + 1 < days[d].seats) at++;
    }
  }
}

static void a_seat_that_was_left_is_free(void **state)
{
  (void)state;
  struct seat seats[2] = { 0 };
  assert_true(seat_take(seats, 2, 0, ANN, false));
  assert_false(seat_take(seats, 2, 1, ANN, false));
  seat_leave(seats);
  assert_true(seat_take(seats, 2, 1, ANN, false));
}

static void who_is_refused_leaves_no_trace(void **state)
{
  (void)state;
  struct seat seats[4] = { 0 };
  assert_true(seat_take(seats, 4, 0, ANN, false));
  for (int i = 0; i < 10; i++) assert_false(seat_take(seats, 4, 1, ANN, false));
  assert_true(seat_take(seats, 4, 1, BOB, false));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(everybody_has_a_share), cmocka_unit_test(a_seat_that_was_left_is_free),
    cmocka_unit_test(who_is_refused_leaves_no_trace)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
