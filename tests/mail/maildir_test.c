/* maildir_deliver where the file system or the disk lets it down. The calls it needs are played here. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "maildir.h"

static bool no_unnamed_files, fsync_fails, no_room;
static int links_that_exist;        /* so many times linkat will say EEXIST */
static int fsyncs, waits;
static uint32_t patience_us;
static bool linked, host_is_odd;
static int opens;
static char const *extra;
static struct quota const *limit;
static uint64_t percent;

int openat(int dir, char const *path, int flags, ...)
{
  va_list more;
  va_start(more, flags);
  mode_t mode = va_arg(more, mode_t);
  va_end(more);
  opens++;
  if (no_room && flags & O_WRONLY) return (errno = EDQUOT, -1);
  if (no_unnamed_files && (flags & O_TMPFILE) == O_TMPFILE) return (errno = EOPNOTSUPP, -1);
  return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int linkat(int from_dir, char const *from, int to_dir, char const *to, int flags)
{
  if (links_that_exist && links_that_exist--) return (errno = EEXIST, -1);
  linked = true;
  return (int)syscall(SYS_linkat, from_dir, from, to_dir, to, flags);
}

int fsync(int fd)
{
  fsyncs++;
  assert_true(linked);
  assert_int_equal(waits, patience_us != 0);
  if (fsync_fails) return (errno = EIO, -1);
  return (int)syscall(SYS_fsync, fd);
}

int nanosleep(struct timespec const *time, struct timespec *left)
{
  if (limit) return (int)syscall(SYS_nanosleep, time, left);     /* a ledger is made */
  assert_true(linked);
  assert_int_equal(time->tv_sec * 1000000 + time->tv_nsec / 1000, patience_us);
  waits++;
  return 0;
}

/* No ledger is made anew by chance. */
int clock_gettime(clockid_t clock, struct timespec *to)
{
  int r = (int)syscall(SYS_clock_gettime, clock, to);
  if (clock == CLOCK_MONOTONIC) to->tv_nsec = 100;
  return r;
}

int gethostname(char *to, size_t len)
{
  snprintf(to, len, host_is_odd ? "a/b:c" : "mail.example.org");
  return 0;
}

/* Names in a directory; the first is left in found. */
static char found[300];
static int entries(char const *dir)
{
  int n = 0;
  DIR *d = opendir(dir);
  assert_non_null(d);
  for (struct dirent *e; (e = readdir(d));)
    if (e->d_name[0] != '.' && !n++) snprintf(found, sizeof found, "%s", e->d_name);
  closedir(d);
  return n;
}

static void empty(char const *dir)
{
  char path[400];
  while (entries(dir)) {
    snprintf(path, sizeof path, "%s/%s", dir, found);
    assert_int_equal(unlink(path), 0);
  }
}

static int message(char const *text)
{
  int fd = memfd_create("message", 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  return fd;
}

static enum maildir_result deliver(void)
{
  int fd = message("Subject: x\n\nbody");
  struct maildir_delivery const wanted = {
    .dir = "Maildir", .head = "H: 1\n", .head_len = 5, .message_fd = fd, .patience_us = patience_us, .extra = extra
  };
  enum maildir_result r = limit ? maildir_deliver_within(&wanted, limit, &percent) : maildir_deliver(&wanted);
  int e = errno;
  close(fd);
  errno = e;
  return r;
}

static void expect_delivered(void)
{
  char path[400], content[100];
  struct stat st;
  assert_int_equal(deliver(), MAILDIR_OK);
  assert_int_equal(entries("Maildir/tmp"), 0);
  assert_int_equal(entries("Maildir/new"), 1);
  assert_non_null(strstr(found, ",S=21,W=24"));
  snprintf(path, sizeof path, "Maildir/new/%s", found);
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 07777, 0600);
  int fd = open(path, O_RDONLY);
  assert_int_equal(read(fd, content, sizeof content), 21);
  assert_memory_equal(content, "H: 1\nSubject: x\n\nbody", 21);
  close(fd);
  empty("Maildir/new");
}

static void expect_nothing(void)
{
  assert_int_equal(entries("Maildir/tmp"), 0);
  assert_int_equal(entries("Maildir/new"), 0);
}

static void one_fsync_after_the_link(void **state)
{
  (void)state;
  fsyncs = 0;
  linked = false;
  expect_delivered();
  assert_int_equal(fsyncs, 1);
}

static void a_commit_to_be_shared_waits_between_link_and_fsync(void **state)
{
  (void)state;
  static uint32_t const patiences[] = { 1, 500, 50000, 1000000, UINT32_MAX };
  for (size_t i = 0; i < sizeof patiences / sizeof *patiences; i++) {
    linked = false;
    waits = 0;
    patience_us = patiences[i];
    expect_delivered();
    assert_int_equal(waits, 1);
  }
  patience_us = 0;
  waits = 0;
}

static void without_unnamed_files(void **state)
{
  (void)state;
  no_unnamed_files = true;
  expect_delivered();
  fsync_fails = true;
  assert_int_equal(deliver(), MAILDIR_TROUBLE);
  expect_nothing();
  no_unnamed_files = fsync_fails = false;
}

static void a_failed_fsync_leaves_nothing(void **state)
{
  (void)state;
  fsync_fails = true;
  assert_int_equal(deliver(), MAILDIR_TROUBLE);
  assert_int_equal(errno, EIO);
  expect_nothing();
  fsync_fails = false;
}

static void a_taken_name_is_not_used(void **state)
{
  (void)state;
  links_that_exist = 3;
  expect_delivered();
  links_that_exist = 1000;
  assert_int_equal(deliver(), MAILDIR_TROUBLE);
  expect_nothing();
  links_that_exist = 0;
}

static void names_follow_the_form(void **state)
{
  (void)state;
  unsigned long seconds, micros, pid, count;
  int end = 0;
  assert_int_equal(deliver(), MAILDIR_OK);
  entries("Maildir/new");
  int n = sscanf(found, "%lu.M%luP%luQ%lu.mail.example.org,S=21,W=24%n", &seconds, &micros, &pid, &count, &end);
  assert_int_equal(n, 4);
  assert_int_equal(end, strlen(found));
  assert_int_equal(pid, getpid());
  assert_true(micros < 1000000);
  empty("Maildir/new");
  host_is_odd = true;
  assert_int_equal(deliver(), MAILDIR_OK);
  entries("Maildir/new");
  assert_non_null(strstr(found, ".a\\057b\\072c,S=21,W=24"));
  empty("Maildir/new");
  host_is_odd = false;
}

static enum maildir_result deliver_into(char const *dir, int fd)
{
  return maildir_deliver(&(struct maildir_delivery){ .dir = dir, .head = "", .message_fd = fd });
}

static void results_for_wrong_directories(void **state)
{
  (void)state;
  int fd = message("x");
  assert_int_equal(deliver_into("Nodir", fd), MAILDIR_NO_DIRECTORY);
  assert_int_equal(deliver_into("Maildir/new", fd), MAILDIR_TROUBLE);
  assert_int_equal(deliver_into("Maildir", -1), MAILDIR_CANNOT_READ);
  close(fd);
  expect_nothing();
}

static void a_name_may_tell_more(void **state)
{
  (void)state;
  static char longest[MAILDIR_EXTRA_MAX + 2];
  extra = ",X=23";
  expect_delivered();
  memset(longest, 'x', MAILDIR_EXTRA_MAX);
  extra = longest;
  expect_delivered();
  longest[MAILDIR_EXTRA_MAX] = 'x';
  assert_int_equal(deliver(), MAILDIR_TROUBLE);
  assert_int_equal(errno, ENAMETOOLONG);
  expect_nothing();
  extra = 0;
}

static void lines_that_end_with_cr_are_counted_as_they_are(void **state)
{
  (void)state;
  static struct { char const *head, *message, *sizes; } const cases[] = {
    { "H\r", "\nx\r\ny\n\n", ",S=9,W=11" }, { "", "", ",S=0,W=0" }, { "", "\n", ",S=1,W=2" }, { "H\n", "\r\r\n", ",S=5,W=6" }
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int fd = message(cases[i].message);
    struct maildir_delivery const wanted = {
      .dir = "Maildir", .head = cases[i].head, .head_len = strlen(cases[i].head), .message_fd = fd
    };
    empty("Maildir/new");
    assert_int_equal(maildir_deliver(&wanted), MAILDIR_OK);
    close(fd);
    entries("Maildir/new");
    assert_non_null(strstr(found, cases[i].sizes));
    assert_int_equal(strlen(strstr(found, cases[i].sizes)), strlen(cases[i].sizes));
  }
  empty("Maildir/new");
}

/* Who has no quota pays nothing for the others. */
static void one_open_and_no_look_at_a_ledger(void **state)
{
  (void)state;
  opens = 0;
  expect_delivered();
  assert_int_equal(opens, 1);
}

/* ---- with a quota: the message has 21 bytes ---- */

static void expect_ledger(char const *text)
{
  char content[200];
  int fd = open("Maildir/maildirsize", O_RDONLY);
  ssize_t r = read(fd, content, sizeof content - 1);
  close(fd);
  content[r > 0 ? r : 0] = 0;
  assert_string_equal(content, text);
}

static void set_quota(uint64_t bytes, uint64_t messages)
{
  static struct quota q;
  q = (struct quota){ bytes, messages };
  limit = &q;
}

static void a_mailbox_may_be_filled(void **state)
{
  (void)state;
  set_quota(42, 0);
  assert_int_equal(deliver(), MAILDIR_OK);
  assert_int_equal(percent, 0);
  assert_int_equal(deliver(), MAILDIR_OK);
  assert_int_equal(percent, 50);
  assert_int_equal(deliver(), MAILDIR_OVER_QUOTA);
  assert_int_equal(percent, 100);
  assert_int_equal(entries("Maildir/new"), 2);
  assert_int_equal(entries("Maildir/tmp"), 0);
  expect_ledger("42S\n42 2\n");
  empty("Maildir/new");
  set_quota(0, 1);
  assert_int_equal(deliver(), MAILDIR_OK);
  assert_int_equal(deliver(), MAILDIR_OVER_QUOTA);
  expect_ledger("1C\n21 1\n");
  empty("Maildir/new");
  set_quota(20, 0);
  assert_int_equal(deliver(), MAILDIR_OVER_QUOTA);
  expect_nothing();
  unlink("Maildir/maildirsize");
  limit = 0;
}

static void what_was_not_delivered_is_not_noted(void **state)
{
  (void)state;
  set_quota(1000, 0);
  fsync_fails = true;
  assert_int_equal(deliver(), MAILDIR_TROUBLE);
  assert_int_equal(errno, EIO);
  expect_ledger("1000S\n0 0\n");
  fsync_fails = false;
  assert_int_equal(deliver(), MAILDIR_OK);
  expect_ledger("1000S\n0 0\n21 1\n");
  empty("Maildir/new");
  unlink("Maildir/maildirsize");
  limit = 0;
}

static void a_quota_of_the_kernel_is_one(void **state)
{
  (void)state;
  set_quota(1000, 0);
  no_room = true;
  assert_int_equal(deliver(), MAILDIR_OVER_QUOTA);
  limit = 0;
  assert_int_equal(deliver(), MAILDIR_TROUBLE);
  no_room = false;
  expect_nothing();
  unlink("Maildir/maildirsize");
}

static void without_a_limit_a_ledger_is_kept_but_not_made(void **state)
{
  (void)state;
  set_quota(0, 0);
  assert_int_equal(deliver(), MAILDIR_OK);
  assert_int_equal(access("Maildir/maildirsize", F_OK), -1);
  int fd = open("Maildir/maildirsize", O_WRONLY | O_CREAT, 0600);
  assert_int_equal(write(fd, "9S\n7 1\n", 7), 7);
  close(fd);
  assert_int_equal(deliver(), MAILDIR_OK);
  expect_ledger("9S\n7 1\n21 1\n");
  empty("Maildir/new");
  unlink("Maildir/maildirsize");
  limit = 0;
}

static void a_quota_without_a_maildir(void **state)
{
  (void)state;
  struct quota const q = { 1000, 0 };
  struct maildir_delivery const wanted = { .dir = "Nodir", .head = "", .message_fd = -1 };
  assert_int_equal(maildir_deliver_within(&wanted, &q, &percent), MAILDIR_NO_DIRECTORY);
}

static void one_file_may_have_a_name_in_many(void **state)
{
  (void)state;
  struct stat st;
  set_quota(20, 0);
  int fd = open(".", O_TMPFILE | O_RDWR, 0600);
  assert_int_equal(write(fd, "0123456789", 10), 10);
  struct maildir_delivery const wanted = { .dir = "Maildir", .head = "", .message_fd = fd };
  for (int n = 1; n <= 2; n++) {
    assert_int_equal(maildir_link_within(&wanted, limit, &percent), MAILDIR_OK);
    assert_int_equal(entries("Maildir/new"), n);
    assert_non_null(strstr(found, ",S=10"));
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_nlink, n);
  }
  assert_int_equal(maildir_link_within(&wanted, limit, &percent), MAILDIR_OVER_QUOTA);
  expect_ledger("20S\n20 2\n");
  empty("Maildir/new");
  unlink("Maildir/maildirsize");
  fsync_fails = true;
  assert_int_equal(maildir_link_within(&wanted, limit, &percent), MAILDIR_TROUBLE);
  fsync_fails = false;
  expect_nothing();
  close(fd);
  unlink("Maildir/maildirsize");
  limit = 0;
}

static int enter_directory(void **state)
{
  static char place[] = "/tmp/local-maildir-XXXXXX";
  *state = mkdtemp(place);
  return !*state || chdir(place) || mkdir("Maildir", 0700) || mkdir("Maildir/tmp", 0700)
      || mkdir("Maildir/new", 0700) || mkdir("Maildir/cur", 0700);
}

static int leave_directory(void **state)
{
  return rmdir("Maildir/tmp") || rmdir("Maildir/new") || rmdir("Maildir/cur") || rmdir("Maildir") || chdir("/")
      || rmdir(*state);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(one_fsync_after_the_link),
    cmocka_unit_test(a_commit_to_be_shared_waits_between_link_and_fsync),
    cmocka_unit_test(without_unnamed_files),
    cmocka_unit_test(a_failed_fsync_leaves_nothing),
    cmocka_unit_test(a_taken_name_is_not_used),
    cmocka_unit_test(names_follow_the_form),
    cmocka_unit_test(results_for_wrong_directories),
    cmocka_unit_test(a_name_may_tell_more), cmocka_unit_test(lines_that_end_with_cr_are_counted_as_they_are),
    cmocka_unit_test(one_open_and_no_look_at_a_ledger),
    cmocka_unit_test(a_mailbox_may_be_filled),
    cmocka_unit_test(what_was_not_delivered_is_not_noted),
    cmocka_unit_test(a_quota_of_the_kernel_is_one),
    cmocka_unit_test(without_a_limit_a_ledger_is_kept_but_not_made),
    cmocka_unit_test(a_quota_without_a_maildir),
    cmocka_unit_test(one_file_may_have_a_name_in_many)
  };
  return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
