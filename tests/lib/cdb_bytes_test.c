/* A record of a constant database found in its bytes, of one that libcdb made and of others. */

#include <cdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "cdb_bytes.h"

enum { MANY = 3000, ROOM = 1 << 18 };

static char bytes[ROOM];

static size_t made(int count)
{
  struct cdb_make maker;
  int fd = memfd_create("cdb", MFD_CLOEXEC);
  assert_true(fd != -1 && cdb_make_start(&maker, fd) == 0);
  assert_true(cdb_make_add(&maker, "", 0, "empty", 5) == 0 && cdb_make_add(&maker, "twice", 5, "first", 5) == 0);
  for (int i = 0; i < count; i++) {
    char key[16], value[16];
    int n = snprintf(key, sizeof key, "k%d", i), m = snprintf(value, sizeof value, "v%d", i);
    assert_true(cdb_make_add(&maker, key, (unsigned)n, value, (unsigned)m) == 0);
  }
  assert_true(cdb_make_add(&maker, "twice", 5, "second", 6) == 0 && cdb_make_finish(&maker) == 0);
  ssize_t len = pread(fd, bytes, sizeof bytes, 0);
  close(fd);
  assert_true(len > 2048);
  return (size_t)len;
}

static void check(size_t len, char const *key, char const *wanted)
{
  struct field value;
  assert_int_equal(cdb_bytes_find(&value, bytes, len, key, strlen(key)), wanted != 0);
  if (wanted) assert_true(value.len == strlen(wanted) && !memcmp(value.s, wanted, value.len));
}

static void what_libcdb_made_is_found(void **state)
{
  (void)state;
  size_t len = made(MANY);
  check(len, "", "empty");
  check(len, "twice", "first");
  for (int i = 0; i < MANY; i++) {
    char key[16], value[16];
    snprintf(key, sizeof key, "k%d", i);
    snprintf(value, sizeof value, "v%d", i);
    check(len, key, value);
  }
  check(len, "k", 0);
  check(len, "k3000", 0);
}

static void nothing_is_found_in_an_empty_one(void **state)
{
  struct field value;
  (void)state;
  memset(bytes, 0, 2048);
  assert_int_equal(cdb_bytes_find(&value, bytes, 2047, "a", 1), -1);
  assert_int_equal(cdb_bytes_find(&value, bytes, 2048, "a", 1), -1);
  for (int i = 0; i < 256; i++) bytes[8 * i + 1] = 8;     /* each table stands at 2048 and is empty */
  assert_int_equal(cdb_bytes_find(&value, bytes, 2048, "a", 1), 0);
}

/* Cut anywhere, or with any byte changed: what is found lies in the bytes, and never is that of another key. */
static void damage_is_no_answer(void **state)
{
  struct field value;
  (void)state;
  size_t const len = made(3);
  for (size_t cut = 0; cut < len; cut++)
    if (cdb_bytes_find(&value, bytes, cut, "k1", 2) == 1) assert_true(value.s + value.len <= bytes + cut);
  for (size_t at = 0; at < len; at++) {
    char was = bytes[at];
    bytes[at] = (char)(was ^ 0xff);
    if (cdb_bytes_find(&value, bytes, len, "k1", 2) == 1) assert_true(value.s >= bytes + 2048 && value.s + value.len <= bytes + len);
    bytes[at] = was;
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_libcdb_made_is_found), cmocka_unit_test(nothing_is_found_in_an_empty_one),
    cmocka_unit_test(damage_is_no_answer)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
