#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "mailbox.h"

static void uids(void **state)
{
  char const x70[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
  char const x71[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
  struct { char const *base, *uid; } const cases[] = {
    { "1.M2.h,S=3", "1.M2.h,S=3" },
    { "!~", "!~" },
    { x70, x70 },
    { x71, "87a1e4c1c92b7b7a7c46433d780de6cc19f9ef34fdb872c875fd6363ab238a56" },
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "a b", "c8687a08aa5d6ed2044328fa6a697ab8e96dc34291e8c2034ae8c38e6fcc6d65" },
    { "\xe9", "de2e331d891ae267a7009cb45b4e8830f170e0c937288ea2731a1941c7a53b0d" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char uid[UID_MAX + 1];
    uid[name_uid(uid, cases[i].base)] = 0;
    assert_string_equal(uid, cases[i].uid);
  }
}

/* ---- a Maildir in a directory of its own ---- */

static char const *const listed[] = {
  "new/3.M1.h", "cur/20.M5.h:2,S", "new/20.M9.h", "cur/20.M9.h:2,", "new/20.M10.h", "new/100.M1.h"
};
enum { FILES = sizeof listed / sizeof *listed };

static char directory[] = "/tmp/pop3-mailbox-XXXXXX";
static struct mailbox box;

static int maildir_make(void **state)
{
  (void)state;
  box = (struct mailbox)MAILBOX_ZERO;
  strcpy(directory + sizeof directory - 7, "XXXXXX");
  if (!mkdtemp(directory) || chdir(directory) || mkdir("new", 0700) || mkdir("cur", 0700)) return -1;
  for (size_t i = FILES; i--;) close(open(listed[i], O_WRONLY | O_CREAT, 0600));
  return mailbox_scan(&box) ? 0 : -1;
}

static int maildir_forget(void **state)
{
  (void)state;
  stralloc_free(&box.names);
  genalloc_free(struct message, &box.messages);
  rm_rf(directory);
  return chdir("/");
}

static void in_order_of_delivery(void **state)
{
  (void)state;
  assert_int_equal(mailbox_count(&box), FILES);
  for (size_t i = 0; i < FILES; i++) assert_string_equal(box.names.s + mailbox_message(&box, i)->path, listed[i]);
}

static void only_files_are_messages(void **state)
{
  static struct mailbox again = MAILBOX_ZERO;
  (void)state;
  assert_int_equal(mkdir("cur/1.directory", 0700), 0);
  assert_int_equal(mkfifo("cur/1.fifo", 0600), 0);
  assert_int_equal(symlink("nowhere", "cur/1.dangling"), 0);
  close(open("new/.hidden", O_WRONLY | O_CREAT, 0600));
  assert_int_equal(mailbox_scan(&again), 1);
  assert_int_equal(mailbox_count(&again), FILES);
}

static void without_cur_there_is_no_list(void **state)
{
  static struct mailbox again = MAILBOX_ZERO;
  (void)state;
  rm_rf("cur");
  assert_int_equal(mailbox_scan(&again), 0);
}

static void found_under_new_flags(void **state)
{
  struct message *m = mailbox_message(&box, 0);
  (void)state;
  assert_int_equal(rename("new/3.M1.h", "cur/3.M1.h:2,RS"), 0);
  int fd = mailbox_open(&box, m);
  assert_int_not_equal(fd, -1);
  close(fd);
  assert_int_equal(rename("cur/3.M1.h:2,RS", "cur/3.M1.h:2,S"), 0);
  assert_true(mailbox_remove(&box, m) && m->freed);
  assert_int_equal(access("cur/3.M1.h:2,S", F_OK), -1);
}

static void gone_is_gone(void **state)
{
  struct message *m = mailbox_message(&box, 0);
  (void)state;
  assert_int_equal(unlink("new/3.M1.h"), 0);
  assert_int_equal(mailbox_open(&box, m), -1);
  assert_true(mailbox_remove(&box, m) && !m->freed);
}

static void what_is_marked_to_go_frees_nothing(void **state)
{
  static struct mailbox again = MAILBOX_ZERO;
  struct message *m = mailbox_message(&box, 0);
  (void)state;
  assert_int_equal(rename("new/3.M1.h", "cur/3.M1.h:2,ST"), 0);
  assert_true(mailbox_remove(&box, m) && !m->freed);
  assert_int_equal(symlink("20.M9.h", "new/1.M1.h"), 0);
  assert_int_equal(mailbox_scan(&again), 1);
  m = mailbox_message(&again, 0);
  assert_true(m->link && mailbox_remove(&again, m) && !m->freed);
}

static void becoming_old_overwrites_nothing(void **state)
{
  (void)state;
  mailbox_make_old(&box, mailbox_message(&box, 2));
  assert_int_equal(access("new/20.M9.h", F_OK), 0);
  mailbox_make_old(&box, mailbox_message(&box, 5));
  assert_int_equal(access("cur/100.M1.h:2,", F_OK), 0);
}

static void no_unique_id_is_given_twice(void **state)
{
  static struct mailbox again = MAILBOX_ZERO;
  static char const *const more[] = { "cur/x:2,", "cur/x:2,S", "new/x", "cur/20.M9.h:2,S", "new/y" };
  char uids[FILES + 5][UID_MAX + 1];
  (void)state;
  for (size_t i = 0; i < 5; i++) {
    int fd = open(more[i], O_WRONLY | O_CREAT, 0600);
    struct timespec const times[2] = { { .tv_sec = (time_t)(100 + 7 * i) }, { .tv_sec = (time_t)(100 + 7 * i) } };
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
  }
  assert_int_equal(mailbox_scan(&again), 1);
  assert_int_equal(mailbox_count(&again), FILES + 5);
  size_t plain = 0;
  for (size_t i = 0; i < FILES + 5; i++) {
    struct message *m = mailbox_message(&again, i);
    uids[i][mailbox_uid(&again, m, uids[i])] = 0;
    for (size_t k = 0; k < i; k++) assert_string_not_equal(uids[i], uids[k]);
    if (strcmp(uids[i], again.names.s + m->base) == 0) plain++;
    else assert_int_equal(strlen(uids[i]), 64);
    if (strcmp(uids[i], "20.M9.h") == 0) assert_memory_equal(again.names.s + m->path, "cur/", 4);
  }
  assert_int_equal(plain, FILES - 1 + 2);
}

#define MAILDIR_TEST(f) cmocka_unit_test_setup_teardown(f, maildir_make, maildir_forget)

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(uids),
    MAILDIR_TEST(in_order_of_delivery), MAILDIR_TEST(only_files_are_messages),
    MAILDIR_TEST(without_cur_there_is_no_list), MAILDIR_TEST(found_under_new_flags),
    MAILDIR_TEST(gone_is_gone), MAILDIR_TEST(what_is_marked_to_go_frees_nothing),
    MAILDIR_TEST(becoming_old_overwrites_nothing), MAILDIR_TEST(no_unique_id_is_given_twice)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
