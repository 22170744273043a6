/* What a helper is asked about subscribers, and what it says: it is read as it was written, and within its bounds. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "table_wire.h"

static void a_frame_reads_as_it_was_written(void **state)
{
  static char bytes[TABLE_FRAME_MAX];
  struct table_frame f = { TABLE_SAYS_ADD, UINT32_MAX, 52, field_of("digest"), field_of("a:,\"b@c"), field_of("+m 1:x,") }, again;
  (void)state;
  size_t const len = table_frame_pack(bytes, &f);
  assert_true(len > 0);
  for (size_t i = 0; i < len; i++) assert_int_equal(table_frame_unpack(&again, bytes, i), 0);
  assert_int_equal(table_frame_unpack(&again, bytes, len), len);
  assert_true(again.word == f.word && again.number == f.number && again.high == f.high);
  assert_true(field_same(again.table, f.table) && field_same(again.address, f.address) && field_same(again.text, f.text));
}

static void each_word_is_read(void **state)
{
  static char bytes[TABLE_FRAME_MAX];
  (void)state;
  for (int word = 0; word < TABLE_WORDS; word++) {
    struct table_frame again, f = { .word = (enum table_word)word };
    size_t const len = table_frame_pack(bytes, &f);
    assert_int_equal(table_frame_unpack(&again, bytes, len), len);
    assert_int_equal(again.word, word);
  }
}

static void bounds(void **state)
{
  static char bytes[TABLE_FRAME_MAX], text[TABLE_FRAME_MAX];
  struct table_frame f = { .word = TABLE_SAYS_ROW }, again;
  (void)state;
  memset(text, 'x', sizeof text);
  f.text = (struct field){ text, sizeof text };
  assert_int_equal(table_frame_pack(bytes, &f), 0);
  f.text.len = TABLE_FRAME_MAX - 40;
  size_t const len = table_frame_pack(bytes, &f);
  assert_true(len > 0 && len <= TABLE_FRAME_MAX);
  assert_int_equal(table_frame_unpack(&again, bytes, len), len);
}

static void what_is_none_is_refused(void **state)
{
  static char const *const bad[] = { "x", "3:row,", "24:4:rows,1:0,1:0,0:,0:,0:,,", "24:3:row,2:00,1:0,0:,0:,0:,,", "19:3:row,1:0,1:0,0:,0:,," };
  struct table_frame f;
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_int_equal(table_frame_unpack(&f, bad[i], strlen(bad[i])), -1);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_frame_reads_as_it_was_written), cmocka_unit_test(each_word_is_read), cmocka_unit_test(bounds),
    cmocka_unit_test(what_is_none_is_refused)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
