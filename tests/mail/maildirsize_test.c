/* The ledger on real directories. The calls that a test must see or spoil are played here. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "maildirsize.h"
#include "maildirsize_count.h"
#include "maildirsize_text.h"

/* ---- the system, played ---- */

static struct { char const *cannot_open; int error; bool chance, stands_still; time_t older; void (*at_rename)(void), (*after_rename)(void); } play;

int openat(int dir, char const *path, int flags, ...)
{
  va_list more;
  va_start(more, flags);
  mode_t mode = va_arg(more, mode_t);
  va_end(more);
  if (play.cannot_open && !strcmp(path, play.cannot_open)) return (errno = play.error, -1);
  return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int renameat(int from_dir, char const *from, int to_dir, char const *to)
{
  if (play.at_rename) play.at_rename();
  int r = (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
  if (play.after_rename) play.after_rename();
  return r;
}

int clock_gettime(clockid_t clock, struct timespec *to)
{
  int r = (int)syscall(SYS_clock_gettime, clock, to);
  if (clock == CLOCK_MONOTONIC) to->tv_nsec = play.chance ? 0 : 100;
  struct stat st;
  if (clock == CLOCK_REALTIME_COARSE && play.stands_still && stat("new", &st) == 0) *to = st.st_mtim;
  return r;
}

int statx(int dir, char const *path, int flags, unsigned mask, struct statx *to)
{
  int r = (int)syscall(SYS_statx, dir, path, flags, mask, to);
  to->stx_mask |= STATX_BTIME;
  to->stx_btime.tv_sec = time(0) - play.older;
  return r;
}

/* ---- a Maildir ---- */

static int maildir;
static char place[] = "/tmp/mail-maildirsize-XXXXXX";
static struct quota const limit = { 1000, 10 };
static char const limit_text[] = "1000S,10C";

static int make_maildir(void **state)
{
  (void)state;
  memset(&play, 0, sizeof play);
  strcpy(place + sizeof place - 7, "XXXXXX");
  if (!mkdtemp(place) || chdir(place)) return -1;
  bool made = mkdir("M", 0700) == 0 && chdir("M") == 0 && mkdir("new", 0700) == 0 && mkdir("cur", 0700) == 0
           && mkdir("tmp", 0700) == 0;
  maildir = open(".", O_PATH | O_DIRECTORY);
  return made && maildir != -1 ? 0 : -1;
}

static int forget_maildir(void **state)
{
  (void)state;
  close(maildir);
  rm_rf(place);
  return chdir("/");
}

static void write_file(char const *name, char const *text)
{
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_true(fd != -1);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
}

static void message(char const *name)
{
  write_file(name, "0123456789");
}

static void make_folder(char const *name)
{
  char path[100];
  assert_int_equal(mkdir(name, 0700), 0);
  for (char const *const *which = (char const *const[]){ "new", "cur", "tmp", 0 }; *which; which++) {
    snprintf(path, sizeof path, "%s/%s", name, *which);
    assert_int_equal(mkdir(path, 0700), 0);
  }
}

static char text[2 * MAILDIRSIZE_MAX];
static bool read_ledger(char const *path)
{
  int fd = open(path, O_RDONLY);
  ssize_t r = fd == -1 ? -1 : read(fd, text, sizeof text - 1);
  close(fd);
  text[r > 0 ? r : 0] = 0;
  return r != -1;
}

static void expect_ledger(char const *expected)
{
  assert_true(read_ledger("maildirsize"));
  assert_string_equal(text, expected);
}

static void expect_usage(struct maildirsize *m, uint64_t bytes, uint64_t messages)
{
  assert_int_equal(m->usage.bytes, bytes);
  assert_int_equal(m->usage.messages, messages);
  maildirsize_close(m);
}

static void expect_opened(struct quota const *with, uint64_t size, uint64_t bytes, uint64_t messages)
{
  struct maildirsize m;
  assert_true(maildirsize_open(&m, maildir, with, size));
  expect_usage(&m, bytes, messages);
}

static int entries(char const *path)
{
  int n = 0;
  DIR *d = opendir(path);
  for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
  closedir(d);
  return n;
}

/* ---- counting ---- */

static void what_counts(void **state)
{
  (void)state;
  message("new/1.a,S=100");
  message("new/2.b");
  message("cur/3.c,S=200:2,S");
  message("cur/4.d:2,RS");
  message("cur/5.gone,S=100:2,T");
  message("cur/.hidden,S=100");
  message("tmp/6.unfinished,S=100");
  assert_int_equal(mkdir("cur/7.directory,S=100", 0700), 0);
  assert_int_equal(symlink("/etc/passwd", "cur/8.link,S=100"), 0);
  assert_int_equal(mkfifo("cur/9.fifo,S=100", 0600), 0);
  make_folder(".Sent");
  message(".Sent/cur/1.a,S=30:2,S");
  message(".Sent/new/2.a");
  make_folder(".Sent/.Deep");
  message(".Sent/.Deep/cur/1.a,S=100:2,S");
  make_folder(".Trash");
  message(".Trash/cur/1.a,S=100:2,S");
  make_folder("Visible");
  message("Visible/cur/1.a,S=100:2,S");
  assert_int_equal(symlink(".Sent", ".Link"), 0);
  assert_int_equal(mkdir(".Empty", 0700), 0);
  write_file(".file", "");
  expect_opened(&limit, 1, 100 + 10 + 200 + 10 + 30 + 10, 6);
  expect_ledger("1000S,10C\n360 6\n");
  assert_int_equal(entries("tmp"), 1);
  struct stat st;
  assert_int_equal(stat("maildirsize", &st), 0);
  assert_int_equal(st.st_mode & 07777, 0600);
}

static void a_maildir_through_links_is_empty(void **state)
{
  (void)state;
  message("new/1.a,S=100");
  message("cur/1.a,S=100:2,");
  assert_int_equal(rename("new", "../elsewhere"), 0);
  assert_int_equal(symlink("../elsewhere", "new"), 0);
  expect_opened(&limit, 1, 100, 1);
}

static void sizes_that_no_disk_has_do_not_wrap(void **state)
{
  (void)state;
  message("new/1.a,S=18446744073709551615");
  message("new/2.a,S=18446744073709551615");
  expect_opened(&limit, 1, INT64_MAX, 2);
  expect_opened(&limit, 1, INT64_MAX, 2);
}

static bool count_within(uint64_t files, uint64_t folders)
{
  struct maildirsize_count c = MAILDIRSIZE_COUNT_ZERO;
  assert_int_equal(c.files_max, MAILDIRSIZE_FILES_MAX);
  assert_int_equal(c.folders_max, MAILDIRSIZE_FOLDERS_MAX);
  c.files_max = files;
  c.folders_max = folders;
  bool counted = maildirsize_count(&c, maildir);
  if (!counted) assert_int_equal(errno, EOVERFLOW);
  if (counted) assert_true(maildirsize_count_stands(&c, maildir));
  maildirsize_count_free(&c);
  return counted;
}

static void both_bounds(void **state)
{
  (void)state;
  make_folder(".A");
  make_folder(".B");
  make_folder(".Trash");
  message("new/1");
  message("cur/2:2,T");
  message(".A/new/3");
  assert_true(count_within(4, 3));
  assert_true(count_within(3, 2));
  assert_false(count_within(2, 2));
  assert_false(count_within(3, 1));
}

/* ---- believing ---- */

static void a_false_ledger(int size)
{
  int used = (int)strlen("1000S,10C\n500" "5\n");
  sprintf(text, "%s\n500%*s5\n", limit_text, size - used, "");
  write_file("maildirsize", text);
}

static void a_ledger_is_believed_up_to_its_bound(void **state)
{
  (void)state;
  a_false_ledger(MAILDIRSIZE_MAX - 1);
  struct stat st;
  assert_int_equal(stat("maildirsize", &st), 0);
  assert_int_equal(st.st_size, MAILDIRSIZE_MAX - 1);
  expect_opened(&limit, 1, 500, 5);
  for (int more = 0; more < 2; more++) {
    a_false_ledger(MAILDIRSIZE_MAX + more);
    expect_opened(&limit, 1, 0, 0);
    expect_ledger("1000S,10C\n0 0\n");
  }
}

static void another_limit_is_counted_for(void **state)
{
  (void)state;
  struct quota const other = { 2000, 0 };
  write_file("maildirsize", "1000S,10C\n500 5\n");
  expect_opened(&limit, 1, 500, 5);
  expect_opened(&other, 1, 0, 0);
  expect_ledger("2000S\n0 0\n");
}

static void the_same_limit_in_other_words(void **state)
{
  (void)state;
  write_file("maildirsize", "10C,1000\n500 5\n");
  expect_opened(&limit, 1, 500, 5);
}

static void age_and_chance(void **state)
{
  (void)state;
  write_file("maildirsize", "1000S,10C\n500 5\n");
  play.older = MAILDIRSIZE_AGE - 10;
  expect_opened(&limit, 1, 500, 5);
  play.older = MAILDIRSIZE_AGE + 10;
  expect_opened(&limit, 1, 0, 0);
  play.older = 0;
  write_file("maildirsize", "1000S,10C\n500 5\n");
  play.chance = true;
  expect_opened(&limit, 1, 0, 0);
}

static void set_age(time_t seconds)
{
  struct timespec const then = { .tv_sec = time(0) - seconds };
  assert_int_equal(utimensat(maildir, "maildirsize", (struct timespec[2]){ then, then }, 0), 0);
}

static void no_room_is_believed_once(void **state)
{
  (void)state;
  message("new/1,S=950");
  write_file("maildirsize", "1000S,10C\n950 1\n");
  expect_opened(&limit, 50, 950, 1);
  write_file("maildirsize", "1000S,10C\n999 1\n");
  expect_opened(&limit, 50, 999, 1);
  set_age(MAILDIRSIZE_FULL_AGE + 10);
  expect_opened(&limit, 50, 950, 1);
  write_file("maildirsize", "1000S,10C\n900 1\n99 1\n");
  expect_opened(&limit, 50, 950, 1);
  expect_ledger("1000S,10C\n950 1\n");
}

/* ---- what lies in the ledger's place ---- */

static void a_link_is_not_followed(void **state)
{
  (void)state;
  write_file("../target", "1000S,10C\n500 5\n");
  assert_int_equal(symlink("../target", "maildirsize"), 0);
  message("new/1,S=7");
  expect_opened(&limit, 1, 7, 1);
  struct stat st;
  assert_int_equal(lstat("maildirsize", &st), 0);
  assert_true(S_ISREG(st.st_mode));
  assert_true(read_ledger("../target"));
  assert_string_equal(text, "1000S,10C\n500 5\n");
}

static void a_fifo_holds_nobody(void **state)
{
  (void)state;
  assert_int_equal(mkfifo("maildirsize", 0600), 0);
  expect_opened(&limit, 1, 0, 0);
  expect_ledger("1000S,10C\n0 0\n");
}

static void a_directory_in_its_place(void **state)
{
  (void)state;
  assert_int_equal(mkdir("maildirsize", 0700), 0);
  message("new/1,S=7");
  struct maildirsize m;
  assert_true(maildirsize_open(&m, maildir, &limit, 1));
  maildirsize_add(&m, 1, 1);
  expect_usage(&m, 7, 1);
  assert_int_equal(entries("tmp"), 0);
}

static void trouble_is_no_empty_mailbox(void **state)
{
  (void)state;
  static char const *const places[] = { "maildirsize", ".", "cur", "new", ".A/new", ".A/cur" };
  struct maildirsize m;
  make_folder(".A");
  play.error = EMFILE;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    play.cannot_open = places[i];
    assert_false(maildirsize_open(&m, maildir, &limit, 1));
    assert_int_equal(errno, EMFILE);
    maildirsize_close(&m);
  }
}

static void without_tmp_there_is_no_ledger(void **state)
{
  (void)state;
  message("new/1,S=7");
  write_file("maildirsize", "5S\n1 1\n");
  assert_int_equal(rmdir("tmp"), 0);
  expect_opened(&limit, 1, 7, 1);
  assert_false(read_ledger("maildirsize"));
}

/* ---- adding ---- */

static void what_comes_and_goes_is_noted(void **state)
{
  (void)state;
  struct maildirsize m;
  assert_true(maildirsize_open(&m, maildir, &limit, 100));
  maildirsize_add(&m, 100, 1);
  maildirsize_close(&m);
  maildirsize_find(&m, maildir);
  maildirsize_add(&m, -40, -1);
  maildirsize_add(&m, 1, 1);
  maildirsize_close(&m);
  expect_ledger("1000S,10C\n0 0\n100 1\n-40 -1\n1 1\n");
  expect_opened(&limit, 1, 61, 1);
}

static void where_no_ledger_is_kept_none_is_made(void **state)
{
  (void)state;
  struct quota const none = { 0, 0 };
  struct quota const *const limits[] = { &none, 0 };
  struct maildirsize m;
  message("new/1,S=100");
  for (size_t i = 0; i < 2; i++) {
    assert_true(maildirsize_open(&m, maildir, limits[i], 5));
    maildirsize_add(&m, 5, 1);
    expect_usage(&m, 0, 0);
  }
  maildirsize_find(&m, maildir);
  maildirsize_add(&m, 5, 1);
  maildirsize_close(&m);
  assert_false(read_ledger("maildirsize"));
  write_file("maildirsize", "1000S\n100 1\n");
  assert_true(maildirsize_open(&m, maildir, &none, 5));
  maildirsize_add(&m, 5, 1);
  expect_usage(&m, 0, 0);
  expect_ledger("1000S\n100 1\n5 1\n");
}

static void the_limit_that_the_ledger_tells(void **state)
{
  (void)state;
  struct maildirsize m;
  write_file("maildirsize", "700S\n500 5\n");
  assert_true(maildirsize_open(&m, maildir, 0, 100));
  assert_true(m.limit.bytes == 700 && m.limit.messages == 0);
  expect_usage(&m, 500, 5);
  a_false_ledger(MAILDIRSIZE_MAX);
  assert_true(maildirsize_open(&m, maildir, 0, 100));
  assert_true(quota_same(&m.limit, &limit));
  expect_usage(&m, 0, 0);
}

static void a_folder_has_the_ledger_of_its_maildir(void **state)
{
  (void)state;
  make_folder(".A");
  write_file(".A/maildirfolder", "");
  write_file(".A/maildirsize", "1000S,10C\n9 9\n");
  write_file("maildirsize", "1000S,10C\n500 5\n");
  int folder = open(".A", O_PATH | O_DIRECTORY);
  struct maildirsize m;
  assert_true(maildirsize_open(&m, folder, &limit, 100));
  maildirsize_add(&m, 100, 1);
  expect_usage(&m, 500, 5);
  expect_ledger("1000S,10C\n500 5\n100 1\n");
  message(".A/new/1,S=77");
  assert_true(maildirsize_open_new(&m, folder, &limit));
  expect_usage(&m, 77, 1);
  expect_ledger("1000S,10C\n77 1\n");
  close(folder);
}

/* ---- others ---- */

static void a_ledger_replaced_meanwhile_is_dropped(void **state)
{
  (void)state;
  struct maildirsize mine, other;
  assert_true(maildirsize_open(&mine, maildir, &limit, 1));
  assert_true(maildirsize_open_new(&other, maildir, &limit));
  maildirsize_close(&other);
  expect_ledger("1000S,10C\n0 0\n");
  maildirsize_add(&mine, 1, 1);
  maildirsize_close(&mine);
  assert_false(read_ledger("maildirsize"));
}

static void one_that_could_not_be_opened_is_dropped(void **state)
{
  (void)state;
  struct maildirsize m;
  write_file("maildirsize", "1000S,10C\n500 5\n");
  play.cannot_open = "maildirsize";
  play.error = EACCES;
  maildirsize_find(&m, maildir);
  maildirsize_add(&m, 1, 1);
  maildirsize_close(&m);
  assert_false(read_ledger("maildirsize"));
}

static void one_more(void)
{
  static int n;
  char name[40];
  snprintf(name, sizeof name, "new/%d.more,S=5", ++n);
  message(name);
}

static void a_mailbox_that_changes_while_it_is_counted(void **state)
{
  (void)state;
  void (**const when[])(void) = { &play.at_rename, &play.after_rename };
  for (uint64_t i = 0; i < 2; i++) {
    *when[i] = one_more;
    expect_opened(&limit, 1, 5 * i, i);
    assert_false(read_ledger("maildirsize"));
    *when[i] = 0;
  }
  assert_int_equal(entries("tmp"), 0);
  expect_opened(&limit, 1, 10, 2);
  expect_ledger("1000S,10C\n10 2\n");
}

/* Then a change gives no other stamp. */
static void a_change_in_the_same_moment_could_not_be_seen(void **state)
{
  (void)state;
  message("new/1,S=5");
  play.stands_still = true;
  expect_opened(&limit, 1, 5, 1);
  assert_false(read_ledger("maildirsize"));
  play.stands_still = false;
  expect_opened(&limit, 1, 5, 1);
  assert_true(read_ledger("maildirsize"));
}

static void stamps_of_the_future_do_not_matter(void **state)
{
  (void)state;
  struct timespec const then = { .tv_sec = time(0) + 5000 };
  assert_int_equal(utimensat(maildir, "new", (struct timespec[2]){ then, then }, 0), 0);
  expect_opened(&limit, 1, 0, 0);
  assert_true(read_ledger("maildirsize"));
}

/* A delivery, as who keeps the protocol does it. */
static void deliver(int who, int n)
{
  char tmp[60], new[60];
  struct maildirsize m;
  struct quota const large = { INT64_MAX, 0 };
  snprintf(tmp, sizeof tmp, "tmp/%d.%d", who, n);
  snprintf(new, sizeof new, "new/%d.%d,S=%d", who, n, 1 + n);
  write_file(tmp, "");
  assert_true(maildirsize_open(&m, maildir, &large, 1));
  assert_int_equal(rename(tmp, new), 0);
  maildirsize_add(&m, 1 + n, 1);
  maildirsize_close(&m);
}

static void take_away(int who, int n)
{
  char path[60];
  struct maildirsize m;
  maildirsize_find(&m, maildir);
  snprintf(path, sizeof path, "new/%d.%d,S=%d", who, n, 1 + n);
  assert_int_equal(unlink(path), 0);
  maildirsize_add(&m, -(1 + n), -1);
  maildirsize_close(&m);
}

static void count_again(void)
{
  struct maildirsize m;
  struct quota const large = { INT64_MAX, 0 };
  assert_true(maildirsize_open_new(&m, maildir, &large));
  maildirsize_close(&m);
}

enum { ROUNDS = 40, PEOPLE = 4, DELIVERIES = 25 };

static void act(int who)
{
  play.chance = false;
  for (int n = 0; n < DELIVERIES; n++) {
    if (who == 0) count_again();
    else deliver(who, n);
    if (who && n % 3 == 0) take_away(who, n);
  }
  _exit(0);
}

/* Whatever order it comes in: a ledger that is left at the end has the right sum. */
static void many_at_once(void **state)
{
  (void)state;
  struct maildirsize_text t;
  int left = 0;
  for (int round = 0; round < ROUNDS; round++) {
    int status;
    struct maildirsize_count c = MAILDIRSIZE_COUNT_ZERO;
    for (int who = 0; who < PEOPLE; who++)
      if (fork() == 0) act(who);
    for (int who = 0; who < PEOPLE; who++) {
      assert_true(wait(&status) > 0);
      assert_int_equal(status, 0);
    }
    assert_true(maildirsize_count(&c, maildir));
    if (read_ledger("maildirsize") && strlen(text) < MAILDIRSIZE_MAX) {
      assert_true(maildirsize_text_parse(&t, text, strlen(text)));
      assert_int_equal(t.usage.messages, c.usage.messages);
      assert_int_equal(t.usage.bytes, c.usage.bytes);
      left++;
    }
    maildirsize_count_free(&c);
    assert_int_equal(chdir(place), 0);
    rm_rf("M/new");
    assert_int_equal(mkdir("M/new", 0700), 0);
    unlink("M/maildirsize");
    assert_int_equal(chdir("M"), 0);
  }
  assert_true(left > 0);
}

#define MAILDIR_TEST(f) cmocka_unit_test_setup_teardown(f, make_maildir, forget_maildir)

int main(void)
{
  struct CMUnitTest const tests[] = {
    MAILDIR_TEST(what_counts),
    MAILDIR_TEST(a_maildir_through_links_is_empty),
    MAILDIR_TEST(sizes_that_no_disk_has_do_not_wrap),
    MAILDIR_TEST(both_bounds),
    MAILDIR_TEST(a_ledger_is_believed_up_to_its_bound),
    MAILDIR_TEST(another_limit_is_counted_for),
    MAILDIR_TEST(the_same_limit_in_other_words),
    MAILDIR_TEST(age_and_chance),
    MAILDIR_TEST(no_room_is_believed_once),
    MAILDIR_TEST(a_link_is_not_followed),
    MAILDIR_TEST(a_fifo_holds_nobody),
    MAILDIR_TEST(a_directory_in_its_place),
    MAILDIR_TEST(trouble_is_no_empty_mailbox),
    MAILDIR_TEST(without_tmp_there_is_no_ledger),
    MAILDIR_TEST(what_comes_and_goes_is_noted),
    MAILDIR_TEST(where_no_ledger_is_kept_none_is_made),
    MAILDIR_TEST(the_limit_that_the_ledger_tells),
    MAILDIR_TEST(a_folder_has_the_ledger_of_its_maildir),
    MAILDIR_TEST(a_ledger_replaced_meanwhile_is_dropped),
    MAILDIR_TEST(one_that_could_not_be_opened_is_dropped),
    MAILDIR_TEST(a_mailbox_that_changes_while_it_is_counted),
    MAILDIR_TEST(a_change_in_the_same_moment_could_not_be_seen),
    MAILDIR_TEST(stamps_of_the_future_do_not_matter),
    MAILDIR_TEST(many_at_once)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
