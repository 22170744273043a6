/* Whom a table of fastforward knows, in its file as in its bytes; one that is cut off while somebody asks is no answer. */

#include <cdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "forward_table.h"

static char const *const keys[] = { ":joe@example.net", ":@all.example", ":root@", "?list@example.net" };

static struct { char const *address; int known; } const cases[] = {
  { "joe@example.net", 1 }, { "JOE@Example.NET", 1 }, { "jim@example.net", 0 }, { "who@all.example", 1 }, { "root@far.example", 1 },
  { "root", 0 }, { "list@example.net", 0 }, { "", 0 }
};
enum { CASES = sizeof cases / sizeof *cases };

static int table_made(void)
{
  struct cdb_make maker;
  int fd = memfd_create("cdb", MFD_CLOEXEC);
  assert_true(fd != -1 && cdb_make_start(&maker, fd) == 0);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) assert_true(cdb_make_add(&maker, keys[i], (unsigned)strlen(keys[i]), "&x@y", 5) == 0);
  assert_true(cdb_make_finish(&maker) == 0);
  return fd;
}

static void a_file_knows_whom_its_bytes_know(void **state)
{
  (void)state;
  struct stat st;
  struct field value;
  int fd = table_made();
  assert_true(fstat(fd, &st) == 0);
  char *all = mmap(0, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
  assert_true(all != MAP_FAILED);
  for (size_t i = 0; i < CASES; i++) {
    struct field const address = field_of(cases[i].address);
    if (forward_table_knows(fd, address) != cases[i].known) fail_msg("%s", cases[i].address);
    assert_int_equal(forward_table_find_any(&value, (struct field){ all, (size_t)st.st_size }, FORWARD_INSTRUCTIONS, address), cases[i].known);
  }
  munmap(all, (size_t)st.st_size);
  close(fd);
}

static void a_file_that_is_cut_off_makes_nobody_known_or_unknown(void **state)
{
  (void)state;
  struct stat st;
  int fd = table_made();
  assert_true(fstat(fd, &st) == 0);
  for (off_t len = st.st_size - 1; len >= 0; len--) {
    assert_true(ftruncate(fd, len) == 0);
    for (size_t i = 0; i < CASES; i++) {
      int r = forward_table_knows(fd, field_of(cases[i].address));
      if (r != -1 && r != cases[i].known) fail_msg("%s in %ld bytes", cases[i].address, (long)len);
    }
  }
  close(fd);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_file_knows_whom_its_bytes_know), cmocka_unit_test(a_file_that_is_cut_off_makes_nobody_known_or_unknown)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
