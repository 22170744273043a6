/* Which hosts are left alone, for how long. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tcpto.h"

static struct tcpto_table table;
enum { NOW = 1700000000 };

static ip46 address(char const *text)
{
  ip46 ip;
  assert_true(ip46_scan(text, &ip));
  return ip;
}

static int clear(void **state)
{
  static char const nothing[TCPTO_SIZE];
  (void)state;
  tcpto_unpack(&table, nothing, sizeof nothing);
  return 0;
}

static struct { unsigned count; long ago; uint64_t pid; bool resting; } const rests[] = {
  { 0,  0,    0,   false },
  { 1,  0,    0,   false },
  { 2,  0,    0,   true },
  { 2,  3839, 0,   true },
  { 2,  3840, 0,   false },
  { 2,  3903, 1,   true },
  { 2,  3904, 1,   false },
  { 10, 5823, 31,  true },
  { 10, 5824, 31,  false },
  { 10, 3840, 32,  false },
  { 10, -1,   0,   false },      /* the clock was set back */
};

static void rest(void **state)
{
  ip46 ip = address("10.0.0.1");
  (void)state;
  for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
    table.entries[3] = (struct tcpto_entry){ ip, rests[i].count, (uint64_t)(NOW - rests[i].ago) };
    assert_int_equal(tcpto_resting(&table, &ip, NOW, rests[i].pid), rests[i].resting);
  }
}

static void timeouts_close_together_count_once(void **state)
{
  ip46 ip = address("2001:db8::1");
  (void)state;
  assert_int_equal(tcpto_note_timeout(&table, &ip, NOW), 0);
  assert_int_equal(table.entries[0].count, 1);
  assert_int_equal(tcpto_note_timeout(&table, &ip, NOW + 119), -1);
  assert_int_equal(table.entries[0].count, 1);
  assert_int_equal(tcpto_note_timeout(&table, &ip, NOW + 120), 0);
  assert_int_equal(table.entries[0].count, 2);
  assert_int_equal(table.entries[0].when, NOW + 120);
}

static void count_ends_at_ten(void **state)
{
  ip46 ip = address("10.0.0.1");
  (void)state;
  for (uint64_t i = 0; i < 20; i++) tcpto_note_timeout(&table, &ip, NOW + i * 200);
  assert_int_equal(table.entries[0].count, TCPTO_COUNT_MAX);
}

static void a_time_is_recent_for_so_long(void **state)
{
  (void)state;
  ip46 ip = address("10.0.0.1"), other = address("10.0.0.2");
  tcpto_note_timeout(&table, &ip, NOW);
  assert_true(tcpto_is_recent(&table, &ip, NOW, 1) && tcpto_is_recent(&table, &ip, NOW + 3599, 3600));
  assert_false(tcpto_is_recent(&table, &ip, NOW + 3600, 3600) || tcpto_is_recent(&table, &ip, NOW - 1, 3600));
  assert_false(tcpto_is_recent(&table, &other, NOW, 3600));
}

static void an_answer_frees_the_record(void **state)
{
  ip46 ip = address("10.0.0.1"), other = address("10.0.0.2");
  (void)state;
  tcpto_note_timeout(&table, &other, NOW);
  tcpto_note_timeout(&table, &ip, NOW);
  assert_true(tcpto_knows(&table, &ip));
  assert_int_equal(tcpto_note_answer(&table, &ip), 1);
  assert_false(tcpto_knows(&table, &ip));
  assert_true(tcpto_knows(&table, &other));
  assert_int_equal(tcpto_note_answer(&table, &ip), -1);
}

static void full_table_gives_up_the_least(void **state)
{
  (void)state;
  for (unsigned i = 0; i < TCPTO_RECORDS; i++) {
    ip46 ip = address("10.0.0.1");
    ip.ip[3] = (char)i;
    assert_int_equal(tcpto_note_timeout(&table, &ip, NOW + i), i);
  }
  table.entries[0].count = 2;                    /* weighs 1024 seconds more */
  ip46 ip = address("::1");
  assert_int_equal(tcpto_note_timeout(&table, &ip, NOW + 5000), 1);
  assert_int_equal(table.entries[1].count, 1);
  assert_true(table.entries[1].ip.is6);
}

static void no_file_no_memory(void **state)
{
  ip46 ip = address("10.0.0.1");
  (void)state;
  tcpto_unpack(&table, "", 0);
  assert_int_equal(tcpto_note_timeout(&table, &ip, NOW), -1);
  assert_int_equal(tcpto_note_answer(&table, &ip), -1);
  assert_false(tcpto_resting(&table, &ip, NOW, 0));
}

static void records_come_back(void **state)
{
  static char const *const ips[] = { "10.1.2.3", "2001:db8::1" };
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    char bytes[TCPTO_RECORD];
    struct tcpto_entry e = { address(ips[i]), 7, 0x123456789aull };
    tcpto_pack(bytes, &e);
    tcpto_unpack(&table, bytes, sizeof bytes);
    assert_int_equal(table.count, 1);
    assert_int_equal(table.entries[0].count, 7);
    assert_int_equal(table.entries[0].when, e.when);
    assert_true(tcpto_knows(&table, &e.ip));
  }
}

static void foreign_bytes_are_free_records(void **state)
{
  char bytes[TCPTO_SIZE + 100];
  (void)state;
  memset(bytes, 0xff, sizeof bytes);
  tcpto_unpack(&table, bytes, sizeof bytes);
  assert_int_equal(table.count, TCPTO_RECORDS);
  assert_int_equal(table.entries[5].count, 0);
  tcpto_unpack(&table, bytes, TCPTO_RECORD - 1);
  assert_int_equal(table.count, 0);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test_setup(rest, clear),
    cmocka_unit_test_setup(timeouts_close_together_count_once, clear),
    cmocka_unit_test_setup(count_ends_at_ten, clear),
    cmocka_unit_test_setup(a_time_is_recent_for_so_long, clear),
    cmocka_unit_test_setup(an_answer_frees_the_record, clear),
    cmocka_unit_test_setup(full_table_gives_up_the_least, clear),
    cmocka_unit_test_setup(no_file_no_memory, clear),
    cmocka_unit_test_setup(records_come_back, clear),
    cmocka_unit_test_setup(foreign_bytes_are_free_records, clear),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
