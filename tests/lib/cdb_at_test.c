/* A record of a constant database found in its file: the same as in its bytes, whatever their lengths; damage is no answer. */

#include <cdb.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes.h"
#include "cdb_at.h"
#include "cdb_bytes.h"

enum { MANY = 3000, LONG = 70000 };

static char filler[LONG];

static int file_made(int count, size_t key_len, size_t value_len)
{
  struct cdb_make maker;
  int fd = memfd_create("cdb", MFD_CLOEXEC);
  assert_true(fd != -1 && cdb_make_start(&maker, fd) == 0);
  assert_true(cdb_make_add(&maker, filler, (unsigned)key_len, filler, (unsigned)value_len) == 0);
  assert_true(cdb_make_add(&maker, "twice", 5, "first", 5) == 0);
  for (int i = 0; i < count; i++) {
    char key[16], value[16];
    int n = snprintf(key, sizeof key, "k%d", i), m = snprintf(value, sizeof value, "v%d", i);
    assert_true(cdb_make_add(&maker, key, (unsigned)n, value, (unsigned)m) == 0);
  }
  assert_true(cdb_make_add(&maker, "twice", 5, "second", 6) == 0 && cdb_make_finish(&maker) == 0);
  return fd;
}

static void check(int fd, char const *key, char const *wanted)
{
  stralloc value = STRALLOC_ZERO;
  assert_int_equal(cdb_at_find(&value, fd, key, strlen(key), LONG), wanted != 0);
  if (wanted) assert_true(value.len == strlen(wanted) && !memcmp(value.s, wanted, value.len));
  stralloc_free(&value);
}

static void what_libcdb_made_is_found(void **state)
{
  (void)state;
  int fd = file_made(MANY, 0, 5);
  check(fd, "", "xxxxx");
  check(fd, "twice", "first");
  for (int i = 0; i < MANY; i++) {
    char key[16], value[16];
    snprintf(key, sizeof key, "k%d", i);
    snprintf(value, sizeof value, "v%d", i);
    check(fd, key, value);
  }
  check(fd, "k", 0);
  check(fd, "k3000", 0);
  close(fd);
}

static void check_lengths(size_t key_len, size_t value_len)
{
  stralloc to = STRALLOC_ZERO;
  int fd = file_made(2, key_len, value_len);
  assert_true(bytes_setb(&to, filler, key_len));
  assert_int_equal(cdb_at_find(&to, fd, to.s, key_len, value_len), 1);     /* the key lies where the value goes */
  assert_true(to.len == key_len + value_len && !memcmp(to.s, filler, to.len));
  if (value_len) assert_int_equal(cdb_at_find(&to, fd, filler, key_len, value_len - 1), -1);
  check(fd, "k1", "v1");
  stralloc_free(&to);
  close(fd);
}

static void of_any_length(void **state)
{
  static size_t const lengths[] = { 0, 1, 240, 247, 248, 249, 256, 257, 5000, 32000 };
  (void)state;
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
    for (size_t j = 0; j < sizeof lengths / sizeof *lengths; j++) check_lengths(lengths[i], lengths[j]);
}

/* Cut anywhere, or with any byte changed. */
static void damage_is_no_answer(void **state)
{
  (void)state;
  int fd = file_made(40, 3, 300);
  off_t const len = lseek(fd, 0, SEEK_END);
  char *bytes = mmap(0, (size_t)len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  stralloc value = STRALLOC_ZERO;
  struct field same;
  for (off_t at = 0; at < len; at++) {
    bytes[at] = (char)(bytes[at] ^ 0xff);
    value.len = 0;
    int r = cdb_at_find(&value, fd, "k1", 2, LONG);
    if (r == -1) assert_int_equal(errno, EPROTO);
    if (r == 1 && cdb_bytes_find(&same, bytes, (size_t)len, "k1", 2) == 1)
      assert_true(same.len == value.len && !memcmp(same.s, value.s, same.len));
    bytes[at] = (char)(bytes[at] ^ 0xff);
  }
  munmap(bytes, (size_t)len);
  while (ftruncate(fd, lseek(fd, 0, SEEK_END) - 1) == 0 && lseek(fd, 0, SEEK_END)) {
    value.len = 0;
    if (cdb_at_find(&value, fd, "k1", 2, LONG) == 1) assert_true(value.len == 2 && !memcmp(value.s, "v1", 2));
  }
  assert_int_equal(cdb_at_find(&value, fd, "k1", 2, LONG), -1);
  stralloc_free(&value);
  close(fd);
}

static void what_cannot_be_read_is_no_answer(void **state)
{
  stralloc value = STRALLOC_ZERO;
  (void)state;
  assert_int_equal(cdb_at_find(&value, -1, "a", 1, 10), -1);
  assert_int_equal(errno, EBADF);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_libcdb_made_is_found), cmocka_unit_test(of_any_length), cmocka_unit_test(damage_is_no_answer),
    cmocka_unit_test(what_cannot_be_read_is_no_answer)
  };
  memset(filler, 'x', sizeof filler);
  return cmocka_run_group_tests(tests, 0, 0);
}
