/* Which messages a sequence of an MH folder has. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "mh_sequences.h"

static char const file[] = "cur: 7\nunseen: 1-3 5\t9-9 12- -4 x 20-18 6x\nunseenmore: 100\nflagged:2\nlast: 8";

static struct { char const *name; uint64_t number; bool has; } const cases[] = {
  { "unseen", 1, true }, { "unseen", 2, true }, { "unseen", 3, true }, { "unseen", 4, false }, { "unseen", 5, true },
  { "unseen", 6, false }, { "unseen", 9, true }, { "unseen", 12, false }, { "unseen", 19, false }, { "unseen", 100, false },
  { "cur", 7, true }, { "flagged", 2, true }, { "last", 8, true }, { "none", 1, false }, { "", 1, false },
};

static void membership(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (mh_sequence_has(file, sizeof file - 1, cases[i].name, cases[i].number) != cases[i].has)
      fail_msg("%s %d", cases[i].name, (int)cases[i].number);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(membership) };
  return cmocka_run_group_tests(tests, 0, 0);
}
