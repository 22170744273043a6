/* A database is made anew as a whole; what it cannot hold is told before it is full. */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <skalibs/djbunix.h>

#include "cdb_file.h"

static char place[] = "/tmp/cdb-file-XXXXXX";

static int enter(void **state)
{
  (void)state;
  return !mkdtemp(place) || chdir(place) == -1;
}

static int leave(void **state)
{
  (void)state;
  return chdir("/") == -1 || rm_rf(place) == -1;
}

static bool has(char const *key, char const *data)
{
  char is[16] = "";
  unsigned len;
  int fd = open("a.cdb", O_RDONLY | O_CLOEXEC);
  assert_true(fd != -1);
  bool found = cdb_seek(fd, key, (unsigned)strlen(key), &len) == 1;
  if (found) assert_true(len < sizeof is && cdb_bread(fd, is, (int)len) == 0);
  close(fd);
  return found && strcmp(is, data) == 0;
}

static bool nothing_aside(void)
{
  return access("a.tmp", F_OK) == -1 && errno == ENOENT;
}

static void records_are_found(void **state)
{
  struct cdb_file c;
  struct stat st;
  (void)state;
  assert_true(cdb_file_begin(&c, "a.cdb", "a.tmp", 0640));
  assert_true(cdb_file_add(&c, "one", 3, "1", 1));
  assert_true(cdb_file_add(&c, "", 0, "nothing", 7));
  assert_true(access("a.cdb", F_OK) == -1);
  assert_true(cdb_file_commit(&c));
  assert_true(has("one", "1") && has("", "nothing") && !has("two", ""));
  assert_int_equal(stat("a.cdb", &st), 0);
  assert_int_equal(st.st_mode & 07777, 0640);
  assert_int_equal((uint64_t)st.st_size, c.size);
  assert_true(nothing_aside());
  cdb_file_forget(&c);
}

static void a_change_of_mind_leaves_the_old_one(void **state)
{
  struct cdb_file c = CDB_FILE_ZERO;
  (void)state;
  cdb_file_forget(&c);
  assert_true(cdb_file_begin(&c, "a.cdb", "a.tmp", 0640));
  assert_true(cdb_file_add(&c, "one", 3, "2", 1));
  cdb_file_forget(&c);
  cdb_file_forget(&c);
  assert_true(has("one", "1") && nothing_aside());
}

static void four_gigabytes_are_the_most(void **state)
{
  struct cdb_file c;
  (void)state;
  assert_true(cdb_file_begin(&c, "a.cdb", "a.tmp", 0640));
  assert_true(cdb_file_count(&c, 0, UINT32_MAX - CDB_FILE_HEAD - CDB_FILE_RECORD));
  assert_false(cdb_file_count(&c, 0, 0));
  assert_false(cdb_file_add(&c, "", 0, "", 0));
  assert_int_equal(errno, EOVERFLOW);
  assert_true(has("one", "1") && nothing_aside());

  c = (struct cdb_file)CDB_FILE_ZERO;
  assert_false(cdb_file_count(&c, 0, UINT32_MAX - CDB_FILE_HEAD - CDB_FILE_RECORD + 1));
  assert_false(cdb_file_count(&c, SIZE_MAX / 2, SIZE_MAX / 2));
}

static void a_directory_that_is_held(void **state)
{
  struct cdb_file c;
  (void)state;
  int directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  assert_true(directory != -1 && chdir("/") == 0);
  assert_true(cdb_file_begin_in(&c, directory, "a.cdb", "a.tmp", 0640) && cdb_file_add(&c, "one", 3, "3", 1));
  assert_true(cdb_file_settle(&c));
  assert_int_equal(fchdir(directory), 0);
  assert_true(has("one", "1"));
  assert_true(replace_name(&c.file));
  assert_true(has("one", "3") && nothing_aside());
  close(directory);
}

static void no_directory_no_database(void **state)
{
  struct cdb_file c;
  (void)state;
  assert_false(cdb_file_begin(&c, "none/a.cdb", "none/a.tmp", 0640));
  assert_int_equal(errno, ENOENT);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(records_are_found), cmocka_unit_test(a_change_of_mind_leaves_the_old_one),
    cmocka_unit_test(four_gigabytes_are_the_most), cmocka_unit_test(a_directory_that_is_held),
    cmocka_unit_test(no_directory_no_database)
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
