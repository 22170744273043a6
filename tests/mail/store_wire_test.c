/* What a helper is asked about users, and what it says: it is read as it was written, and within its bounds. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store_wire.h"

static struct field text(char const *s)
{
  return (struct field){ s, strlen(s) };
}

static bool same(struct field a, struct field b)
{
  return a.len == b.len && (!a.len || memcmp(a.s, b.s, a.len) == 0);
}

static void a_frame_reads_as_it_was_written(void **state)
{
  static char bytes[STORE_FRAME_MAX];
  struct store_frame f = {
    .word = STORE_SAYS_ALTER, .number = UINT32_MAX, .domain = text("example.net"),
    .edit = { .deed = STORE_ALTER, .fields = STORE_QUOTA | STORE_CLEAR, .flags_dropped = 7,
              .record = { text("joe"), text("$y$:,"), text("1:,2"), text("/d"), text("5S"), text(""), 1, 0x80000001, true } }
  }, again;
  (void)state;
  size_t len = store_frame_pack(bytes, &f);
  assert_true(len > 0);
  for (size_t i = 0; i < len; i++) assert_int_equal(store_frame_unpack(&again, bytes, i), 0);
  assert_int_equal(store_frame_unpack(&again, bytes, len), len);
  struct vpasswd const *a = &f.edit.record, *b = &again.edit.record;
  assert_true(again.word == f.word && again.number == f.number && same(again.domain, f.domain));
  assert_true(again.edit.deed == STORE_ALTER && again.edit.fields == f.edit.fields && again.edit.flags_dropped == 7);
  assert_true(same(a->name, b->name) && same(a->hash, b->hash) && same(a->comment, b->comment) && same(a->dir, b->dir));
  assert_true(same(a->quota, b->quota) && same(a->clear, b->clear) && a->uid == b->uid && a->flags == b->flags && b->has_clear);
}

static void who_stays_says_so_in_front(void **state)
{
  static char bytes[STORE_FRAME_MAX];
  struct store_frame f = { .word = STORE_SAYS_FIND, .domain = text("example.net"), .stays = true }, again;
  (void)state;
  size_t len = store_frame_pack(bytes, &f);
  assert_int_equal(bytes[0], '+');
  for (size_t i = 0; i < len; i++) assert_int_equal(store_frame_unpack(&again, bytes, i), 0);
  assert_int_equal(store_frame_unpack(&again, bytes, len), len);
  assert_true(again.stays && again.word == STORE_SAYS_FIND && same(again.domain, f.domain));
  assert_int_equal(store_frame_unpack(&again, bytes + 1, len - 1), len - 1);
  assert_false(again.stays);
  assert_int_equal(store_frame_unpack(&again, "++1:", 4), -1);
}

/* The order of the words is that of what they stand for. */
static void each_word_is_read(void **state)
{
  static char bytes[STORE_FRAME_MAX];
  (void)state;
  assert_int_equal(STORE_SAYS_REMOVE - STORE_SAYS_ADD, STORE_REMOVE - STORE_ADD);
  assert_int_equal(STORE_SAYS_TROUBLE - STORE_SAYS_DONE, STORE_TROUBLE - STORE_DONE);
  assert_int_equal(STORE_SAYS_LATELY - STORE_SAYS_DONE, STORE_LATELY - STORE_DONE);
  for (int word = 0; word < STORE_WORDS; word++) {
    struct store_frame again, f = { .word = (enum store_word)word };
    size_t len = store_frame_pack(bytes, &f);
    assert_int_equal(store_frame_unpack(&again, bytes, len), len);
    assert_int_equal(again.word, word);
    if (word >= STORE_SAYS_ADD && word <= STORE_SAYS_REMOVE) assert_int_equal(again.edit.deed, STORE_ADD + (word - STORE_SAYS_ADD));
  }
}

static void what_fits_a_line_fits_a_frame(void **state)
{
  static char bytes[STORE_FRAME_MAX], domain[255];
  char *longest = malloc(STORE_FRAME_MAX);
  struct store_frame again, f = { .word = STORE_SAYS_CHANGE, .number = UINT32_MAX, .domain = { domain, sizeof domain } };
  (void)state;
  assert_non_null(longest);
  memset(longest, 'x', STORE_FRAME_MAX);
  memset(domain, 'd', sizeof domain);
  f.edit = (struct store_edit){ .fields = UINT32_MAX, .flags_dropped = UINT32_MAX };
  f.edit.record = (struct vpasswd){ .name = { longest, VPASSWD_LINE_MAX }, .uid = UINT32_MAX, .flags = UINT32_MAX };
  size_t len = store_frame_pack(bytes, &f);
  assert_true(len > 0);
  assert_int_equal(store_frame_unpack(&again, bytes, len), len);
  f.edit.record.name.len = STORE_FRAME_MAX;
  assert_int_equal(store_frame_pack(bytes, &f), 0);
  free(longest);
}

#define FRAME(word, number, has_clear) \
  word "," number ",0:,1:0,1:0,0:,0:,1:0,1:0,0:,0:,0:," has_clear ",0:,"

static void what_is_none_is_refused(void **state)
{
  static char const *const inside[] = {
    FRAME("4:edot", "1:0", "1:0"), FRAME("4:edit", "2:00", "1:0"), FRAME("4:edit", "1:x", "1:0"), FRAME("4:edit", "0:", "1:0"),
    FRAME("4:edit", "1:0", "1:2"), FRAME("4:edit", "10:4294967296", "1:0"), FRAME("0:", "1:0", "1:0")
  };
  char bytes[256];
  struct store_frame f;
  (void)state;
  int n = snprintf(bytes, sizeof bytes, "%zu:%s,", strlen(FRAME("4:edit", "1:3", "1:1")), FRAME("4:edit", "1:3", "1:1"));
  assert_int_equal(store_frame_unpack(&f, bytes, (size_t)n), n);
  assert_int_equal(f.number, 3);
  for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
    n = snprintf(bytes, sizeof bytes, "%zu:%s,", strlen(inside[i]), inside[i]);
    assert_int_equal(store_frame_unpack(&f, bytes, (size_t)n), -1);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_frame_reads_as_it_was_written),
    cmocka_unit_test(who_stays_says_so_in_front),
    cmocka_unit_test(each_word_is_read),
    cmocka_unit_test(what_fits_a_line_fits_a_frame),
    cmocka_unit_test(what_is_none_is_refused)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
