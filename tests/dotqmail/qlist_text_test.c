/* What a message asks of a list that is a .qmail file, and what becomes of the file. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "qlist_text.h"

static struct { char const *body, *subject; enum qlist_wish wish; } const wishes[] = {
  { "", "", QLIST_NOTHING },
  { "hello\n", "hello", QLIST_NOTHING },
  { "SUBScribe\n", "unsubscribe", QLIST_SUBSCRIBE },
  { "hello\nunsub me", "subscribe", QLIST_UNSUBSCRIBE },
  { "unsubscribe\nsubscribe\n", "", QLIST_SUBSCRIBE },
  { "subscribe\nhello\nunsubscribe\n\n", "", QLIST_UNSUBSCRIBE },
  { " subscribe\nI subscribe\n> unsubscribe\nsub\nuns\n", "", QLIST_NOTHING },
  { "", "  Unsubscribe", QLIST_UNSUBSCRIBE },
  { "x", "subscribe me", QLIST_SUBSCRIBE },
  { "x", "Re: subscribe", QLIST_NOTHING },
};

static void what_is_asked(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++)
    assert_int_equal(qlist_wish(field_of(wishes[i].body), field_of(wishes[i].subject)), wishes[i].wish);
}

static struct { char const *address; bool fit; } const addresses[] = {
  { "joe@example.net", true }, { "j d@example.net", true }, { "|x@example.net", true }, { "/x@example.net", true },
  { "", false }, { "joe", false }, { " joe@example.net", false }, { "joe@example.net ", false }, { "joe@example.net\r", false },
  { "joe@example.net\nann@example.net", false }, { "joe@", false }, { "@example.net", false }, { "#@[]", false }, { "joe@example.net\t#", false },
  { "joe@exa mple.net", false },
};

static void who_can_be_on_a_list(void **state)
{
  char most[QLIST_ADDRESS_MAX + 1];
  (void)state;
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
    if (qlist_is_fit(field_of(addresses[i].address)) != addresses[i].fit) fail_msg("%s", addresses[i].address);
  memset(most, 'x', sizeof most);
  memcpy(most, "joe@", 4);
  assert_true(qlist_is_fit((struct field){ most, QLIST_ADDRESS_MAX }));
  assert_false(qlist_is_fit((struct field){ most, QLIST_ADDRESS_MAX + 1 }));
  assert_false(qlist_is_fit((struct field){ "a\0@b.c", 6 }));
}

static struct { char const *before; bool shall_have; char const *after; } const edits[] = {
  { "", true, "&joe@x.y\n" },
  { "", false, 0 },
  { "&ann@x.y", true, "&ann@x.y\n&joe@x.y\n" },
  { "# all\n\n./Maildir/\n&Joe@X.y \n", true, 0 },
  { "&joe@x.y\n&ann@x.y\n&JOE@X.Y\nend", false, "&ann@x.y\nend" },
  { "joe@x.y\n# &joe@x.y\n&joe@x.yz\n", false, 0 },
  { "&joe@x.y", false, "" },
};

static void what_becomes_of_the_file(void **state)
{
  stralloc after = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
    after.len = 0;
    bool changed = qlist_edit(&after, field_of(edits[i].before), field_of("joe@x.y"), edits[i].shall_have);
    assert_int_equal(changed, edits[i].after != 0);
    assert_int_equal(after.len, edits[i].after ? strlen(edits[i].after) : 0);
    if (after.len) assert_memory_equal(after.s, edits[i].after, after.len);
  }
  stralloc_free(&after);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_is_asked), cmocka_unit_test(who_can_be_on_a_list), cmocka_unit_test(what_becomes_of_the_file)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
