/* The archive of a list: names, numbers, and the index, also after an attempt that was given up. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <skalibs/djbunix.h>

#include "archive.h"
#include "text.h"

static void where_a_post_is(void **state)
{
  char path[ARCHIVE_PATH_MAX];
  (void)state;
  archive_post(path, 1);
  assert_string_equal(path, "archive/0/01");
  archive_post(path, 1200);
  assert_string_equal(path, "archive/12/00");
  archive_index(path, UINT64_MAX);
  assert_string_equal(path, "archive/184467440737095516/index");
  assert_int_equal(archive_size(127), 0);
  assert_int_equal(archive_size(128), 1);
}

static struct { char const *text; bool is; uint64_t number, size; } const nums[] = {
  { "", false, 0, 0 },
  { ":5", false, 0, 0 },
  { "12", true, 12, 0 },
  { "12:34\n", true, 12, 34 },
  { "12:34:56\n", true, 12, 34 },
  { "12:x", true, 12, 0 },
};

static void a_number_and_a_size(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof nums / sizeof *nums; i++) {
    struct archive_num n;
    if (archive_num_scan(&n, nums[i].text, strlen(nums[i].text)) != nums[i].is || n.number != nums[i].number || n.size != nums[i].size)
      fail_msg("%s", nums[i].text);
  }
}

#define HASH "kefmkoahjohlcbjbmhln"
#define ONE "1: " HASH " Test subject\n\t20 Nov 2025 20:00:00 -0000;iilpffjkofeocejjcgln joe.example.com\n"
#define TWO "2: " HASH " Re: Test subject\n\tThu, 20 Nov 2025 20:00:00 +0100;pjemhgnfechpnpnhdnik Joe User\n"

static void entries_are_written(void **state)
{
  stralloc got = STRALLOC_ZERO;
  struct index_fields one = { field_of("Test subject"), field_of("joe@example.com"), field_of("from a;b by c\n ; 20 Nov 2025\n\t20:00:00 -0000"), field_of("") };
  struct index_fields two = { field_of("Re: [a] Test subject"), field_of("Joe User <joe-list@example.com>"), field_of("; Thu, 20 Nov 2025 20:00:00 +0100"), field_of("[a]") };
  (void)state;
  index_add(&got, 1, &one);
  index_add(&got, 2, &two);
  assert_string_equal(text_z(&got), ONE TWO);
  stralloc_free(&got);
}

static struct { char const *text; int first; } const entries[] = {
  { "", 0 },
  { ONE, 1 },
  { "1 Test subject\n", -1 },
  { "1: Test subject\n\tx;" HASH " y\n", -1 },
  { "1: " HASH "\n\t;" HASH "\n", 1 },
  { "1: " HASH " x\n", -1 },
  { "1: " HASH " x\n2: " HASH " y\n", -1 },
  { "1: " HASH " x\n\tno date " HASH "\n", -1 },
  { "\t;x", -1 },
};

static void entries_are_read(void **state)
{
  struct index_entry e;
  size_t at;
  (void)state;
  for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
    at = 0;
    if (index_next(&e, entries[i].text, strlen(entries[i].text), &at) != entries[i].first) fail_msg("%s", entries[i].text);
  }
  at = 0;
  assert_int_equal(index_next(&e, ONE TWO, strlen(ONE TWO), &at), 1);
  assert_int_equal(index_next(&e, ONE TWO, strlen(ONE TWO), &at), 1);
  assert_true(e.number == 2 && field_is(e.subject, "Re: Test subject") && field_is(e.date, "Thu, 20 Nov 2025 20:00:00 +0100") && field_is(e.author, "Joe User"));
  assert_int_equal(index_next(&e, ONE TWO, strlen(ONE TWO), &at), 0);
}

static void text_of(char *to, size_t max, char const *path)
{
  ssize_t r = openreadnclose(path, to, max - 1);
  to[r > 0 ? r : 0] = 0;
}

static struct { char const *before; uint64_t number; char const *after; } const puts_[] = {
  { "", 1, ONE },
  { TWO, 1, ONE },
  { "0: " HASH " x\n\t;" HASH " y\n", 1, "0: " HASH " x\n\t;" HASH " y\n" ONE },
  { "0: " HASH " x\n\t;" HASH " y\n" ONE "1: torn", 1, "0: " HASH " x\n\t;" HASH " y\n" ONE },
  { "0: " HASH " x\n\t;" HASH " to", 1, ONE },
  { "0 old kind\n", 1, "0 old kind\n" ONE },
};

static void an_index_after_what_was_given_up(void **state)
{
  char text[1000], dir[] = "/tmp/archive.XXXXXX";
  (void)state;
  assert_non_null(mkdtemp(dir));
  assert_int_equal(chdir(dir), 0);
  close(archive_create(1));
  for (size_t i = 0; i < sizeof puts_ / sizeof *puts_; i++) {
    openwritenclose_unsafe("archive/0/index", puts_[i].before, strlen(puts_[i].before));
    assert_true(archive_index_put(puts_[i].number, field_of(ONE)));
    text_of(text, sizeof text, "archive/0/index");
    assert_string_equal(text, puts_[i].after);
  }
  assert_int_equal(chdir("/"), 0);
  rm_rf(dir);
}

static void a_post_is_complete_or_not_there(void **state)
{
  char text[100], dir[] = "/tmp/archive.XXXXXX";
  struct stat st;
  struct archive_num num;
  (void)state;
  assert_non_null(mkdtemp(dir));
  assert_int_equal(chdir(dir), 0);
  assert_true(archive_num_read(&num, "num") && num.number == 0);
  int fd = archive_create(101);
  assert_true(fd != -1 && stat("archive/1/01", &st) == 0 && !(st.st_mode & S_IXUSR));
  assert_true(archive_complete(fd, 101) && stat("archive/1/01", &st) == 0 && (st.st_mode & S_IXUSR));
  assert_true(archive_num_write(&(struct archive_num){ 101, 7 }));
  text_of(text, sizeof text, "num");
  assert_string_equal(text, "101:7\n");
  assert_true(archive_num_read(&num, "num") && num.number == 101 && num.size == 7);
  openwritenclose_unsafe("num", "", 0);
  assert_false(archive_num_read(&num, "num"));
  openwritenclose_unsafe("num", "x\n", 2);
  assert_false(archive_num_read(&num, "num"));
  archive_forget(101);
  assert_int_equal(stat("archive/1/01", &st), -1);
  assert_int_equal(chdir("/"), 0);
  rm_rf(dir);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(where_a_post_is),
    cmocka_unit_test(a_number_and_a_size),
    cmocka_unit_test(entries_are_written),
    cmocka_unit_test(entries_are_read),
    cmocka_unit_test(an_index_after_what_was_given_up),
    cmocka_unit_test(a_post_is_complete_or_not_there),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
