#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "envelope_input.h"

/* Events as letters: S sender, R recipient, X what belongs to one of them, E end, M malformed, L too long; what follows the last NUL is not taken. */
static struct { char const *input; size_t len; char const *events; } const cases[] = {
  { "", 0, "" },
  { "\0", 1, "M" },
  { "T", 1, "M" },
  { "f", 1, "M" },
  { "F", 1, "" },
  { "Fs", 2, "" },
  { "F\0", 2, "S()" },
  { "Fs\0", 3, "S(s)" },
  { "Fs\0\0", 4, "S(s)E" },
  { "Fs\0\0Tr\0", 7, "S(s)E" },
  { "Fs\0Fs\0", 6, "S(s)M" },
  { "Fs\0Dr\0", 6, "S(s)M" },
  { "Fs\0T\0T\0\0", 8, "S(s)R()R()E" },
  { "FF\0TT\0\0", 7, "S(F)R(T)E" },
  { "Fs\0eid\0rHDRS\0b8BITMIME\0i\0Tr\0nNEVER\0orfc822;r\0Tq\0\0", 49,
    "S(s)X(id)X(HDRS)X(8BITMIME)X()R(r)X(NEVER)X(rfc822;r)R(q)E" },
  { "Fs\0eid\0eid\0", 12, "S(s)X(id)M" },
  { "Fs\0nNEVER\0", 11, "S(s)M" },
  { "Fs\0Tr\0eid\0", 11, "S(s)R(r)M" },
  { "Fs\0Tr\0nNEVER\0nNEVER\0", 20, "S(s)R(r)X(NEVER)M" },
  { "Fs\0Tr\0nNEVER\0Tq\0nDELAY\0\0", 24, "S(s)R(r)X(NEVER)R(q)X(DELAY)E" },
  { "Fs\0rhdrs\0", 10, "S(s)M" },
  { "Fs\0u0\0", 7, "S(s)M" },
  { "Fs\0p1\0", 7, "S(s)M" },
  { "Fs\0v2\0", 7, "S(s)M" },
  { "eid\0", 4, "M" },
  { "Fa@b\0Tc\nd\0Te\xff\0\0", 15, "S(a@b)R(c\nd)R(e\xff)E" }
};

static void run(char *events, char const *s, size_t len, size_t piece)
{
  struct envelope_input e = ENVELOPE_INPUT_ZERO;
  static char const letters[] = { [ENVELOPE_SENDER] = 'S', [ENVELOPE_RECIPIENT] = 'R',
                                  [ENVELOPE_EXTRA] = 'X', [ENVELOPE_END] = 'E',
                                  [ENVELOPE_MALFORMED] = 'M', [ENVELOPE_TOO_LONG] = 'L' };
  *events = 0;
  for (size_t from = 0; from < len; from += piece) {
    size_t at = 0, n = len - from < piece ? len - from : piece;
    enum envelope_event event;
    while ((event = envelope_take(&e, s + from, n, &at)) != ENVELOPE_MORE) {
      events += sprintf(events, "%c", letters[event]);
      if (event > ENVELOPE_EXTRA) return;
      events += sprintf(events, "(%.*s)", (int)e.len, e.address);
    }
    assert_int_equal(at, n);
  }
}

static void every_input_in_pieces_of_every_size(void **state)
{
  (void)state;
  char events[100];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t piece = 1; piece <= cases[i].len + 1; piece++) {
      run(events, cases[i].input, cases[i].len, piece);
      if (strcmp(events, cases[i].events)) fail_msg("case %zu in pieces of %zu: %s", i, piece, events);
    }
}

static void addresses_have_a_bound(void **state)
{
  (void)state;
  static char input[QUEUE_ADDRESS_MAX + 10], events[2 * sizeof input];
  for (size_t n = QUEUE_ADDRESS_MAX - 1; n <= QUEUE_ADDRESS_MAX + 1; n++)
    for (size_t piece = 1; piece < sizeof input; piece += 97) {
      memset(input, 'a', sizeof input);
      input[0] = 'F';
      input[n + 1] = 0;
      run(events, input, n + 2, piece);
      assert_int_equal(events[0], n > QUEUE_ADDRESS_MAX ? 'L' : 'S');
      if (events[0] == 'S') assert_int_equal(strlen(events), n + 3);
    }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(every_input_in_pieces_of_every_size), cmocka_unit_test(addresses_have_a_bound)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
