/* The records of a constant database, of one that libcdb made and of others. */

#include <cdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "cdb_records.h"

static void made_by_libcdb(void **state)
{
  static char bytes[8192];
  struct cdb_make maker;
  struct field key, value;
  size_t at = 0;
  (void)state;
  int fd = memfd_create("cdb", MFD_CLOEXEC);
  assert_true(fd != -1 && cdb_make_start(&maker, fd) == 0);
  assert_true(cdb_make_add(&maker, "b", 1, "2", 1) == 0 && cdb_make_add(&maker, "", 0, "", 0) == 0);
  assert_true(cdb_make_add(&maker, "a", 1, "one", 3) == 0 && cdb_make_finish(&maker) == 0);
  ssize_t len = pread(fd, bytes, sizeof bytes, 0);
  close(fd);
  static struct { char const *key, *value; } const expected[] = { { "b", "2" }, { "", "" }, { "a", "one" } };
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(cdb_records_next(&key, &value, bytes, (size_t)len, &at), CDB_RECORDS_ONE);
    assert_true(key.len == strlen(expected[i].key) && !memcmp(key.s, expected[i].key, key.len));
    assert_true(value.len == strlen(expected[i].value) && !memcmp(value.s, expected[i].value, value.len));
  }
  assert_int_equal(cdb_records_next(&key, &value, bytes, (size_t)len, &at), CDB_RECORDS_END);
}

/* Where the first table stands, and one record with these lengths. */
static enum cdb_records_result of(size_t len, uint32_t end, uint32_t key_len, uint32_t value_len)
{
  static char bytes[2048 + 64];
  uint32_t const numbers[] = { end, key_len, value_len };
  struct field key, value;
  size_t at = 0;
  for (size_t i = 0; i < 4; i++) {
    bytes[i] = (char)(numbers[0] >> 8 * i);
    bytes[2048 + i] = (char)(numbers[1] >> 8 * i);
    bytes[2052 + i] = (char)(numbers[2] >> 8 * i);
  }
  return cdb_records_next(&key, &value, bytes, len, &at);
}

static void bounds(void **state)
{
  (void)state;
  assert_int_equal(of(2048, 2048, 0, 0), CDB_RECORDS_END);
  assert_int_equal(of(2047, 2048, 0, 0), CDB_RECORDS_DAMAGED);
  assert_int_equal(of(0, 0, 0, 0), CDB_RECORDS_DAMAGED);
  assert_int_equal(of(2112, 0, 0, 0), CDB_RECORDS_DAMAGED);
  assert_int_equal(of(2112, 2047, 0, 0), CDB_RECORDS_DAMAGED);
  assert_int_equal(of(2112, 2113, 0, 0), CDB_RECORDS_DAMAGED);
  assert_int_equal(of(2112, 2055, 0, 0), CDB_RECORDS_DAMAGED);
  assert_int_equal(of(2112, 2056, 0, 0), CDB_RECORDS_ONE);
  assert_int_equal(of(2112, 2112, 28, 28), CDB_RECORDS_ONE);
  assert_int_equal(of(2112, 2112, 28, 29), CDB_RECORDS_DAMAGED);
  assert_int_equal(of(2112, 2112, 57, 0), CDB_RECORDS_DAMAGED);
  assert_int_equal(of(2112, 2112, UINT32_MAX, UINT32_MAX), CDB_RECORDS_DAMAGED);
  assert_int_equal(of(2112, 2112, 28, UINT32_MAX - 27), CDB_RECORDS_DAMAGED);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(made_by_libcdb), cmocka_unit_test(bounds),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
