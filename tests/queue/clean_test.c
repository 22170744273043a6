/* What qmail-send packs qmail-clean unpacks, and nothing else. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clean.h"

static struct { struct clean_request request; char const *text; } const pairs[] = {
  { { CLEAN_REMOVE, 1, 0, 0, 0, 0 }, "foop/1" },
  { { CLEAN_REMOVE, INT64_MAX, 0, 0, 0, 0 }, "foop/9223372036854775807" },
  { { CLEAN_MARK_DONE, 457, 0, 0, 0, 0 }, "done/457/0" },
  { { CLEAN_MARK_DONE, 457, 67108863, 0, 0, 0 }, "done/457/67108863" },
  { { CLEAN_SET_DUE, 457, 0, CHANNEL_LOCAL, 0, 0 }, "due/457/l/0/0" },
  { { CLEAN_SET_DUE, INT64_MAX, 0, CHANNEL_REMOTE, INT64_MAX, INT64_MAX },
    "due/9223372036854775807/r/9223372036854775807/9223372036854775807" },
  { { CLEAN_MOVE_ASIDE, 23, 0, 0, 0, 0 }, "lame/23" },
  { { CLEAN_HOLD, 23, 0, 0, 0, 0 }, "hold/23" },
  { { CLEAN_RELEASE, 1, 0, 0, 0, 0 }, "free/1" },
  { { CLEAN_SYNC, INT64_MAX, 0, 0, 0, 0 }, "sync/9223372036854775807" },
  { { CLEAN_TRIGGER, 1, 0, 0, 0, 0 }, "trig/1" }
};

static char const *const malformed[] = {
  "", "/", "foop", "foop/", "foop/0", "foop/01", "foop/+1", "foop/-1", "foop/1 ", "foop/1/", "foop/1/2", "foop//1",
  "foop/9223372036854775808", "foop/99999999999999999999999", "Foop/1", "foo/1", "foop /1", "todo/1", "lame/1/2",
  "done/1", "done/1/", "done/1/x", "done/1/-1", "done/1/00", "done/1/2/3", "done/../2", "due/1/l", "due/1/l/",
  "due/1//5/6", "due/1/x/5/6", "due/1/lr/5/6", "due/1/l/5", "due/1/l/5/6/7", "due/1/l/05/6", "due/1/l/5/06", "due/1/l/5/",
  "due/1/l/9223372036854775808/1", "foop/1\n", "hold/", "hold/1/1",
  "sync/1/", "free", "syncs/1", "trig", "trig/", "trig/0"
};

static void test_pack(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    stralloc sa = STRALLOC_ZERO;
    clean_pack(&sa, &pairs[i].request);
    assert_int_equal(sa.len, strlen(pairs[i].text) + 1);
    assert_string_equal(sa.s, pairs[i].text);
    assert_true(sa.len <= CLEAN_REQUEST_MAX);
    stralloc_free(&sa);
  }
}

static void test_unpack(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    struct clean_request r = { 0 };
    assert_true(clean_unpack(&r, pairs[i].text, strlen(pairs[i].text)));
    assert_memory_equal(&r, &pairs[i].request, sizeof r);
  }
}

static void test_malformed(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
    struct clean_request r;
    if (clean_unpack(&r, malformed[i], strlen(malformed[i]))) fail_msg("taken: %s", malformed[i]);
  }
}

/* The grammar has no request as long as this; a broken asker must not make the reader scan on. */
static void test_bounded(void **state)
{
  (void)state;
  char long_one[CLEAN_REQUEST_MAX + 1];
  struct clean_request r;
  memset(long_one, '1', sizeof long_one);
  memcpy(long_one, "foop/", 5);
  assert_false(clean_unpack(&r, long_one, CLEAN_REQUEST_MAX));
  assert_false(clean_unpack(&r, "foop/1\0", 7));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_pack),
    cmocka_unit_test(test_unpack),
    cmocka_unit_test(test_malformed),
    cmocka_unit_test(test_bounded)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
