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

static void sizes(void **state)
{
  struct { char const *name; bool known; uint64_t size; } const cases[] = {
    { "", false, 0 },
    { "1.M2.h", false, 0 },
    { "1.M2.h,S=", false, 0 },
    { "1.M2.h,S=x", false, 0 },
    { "1.M2.h,S=12x", false, 0 },
    { "1.M2.h,s=12", false, 0 },
    { "1.M2.h,W=12", false, 0 },
    { "1.M2.h,S=0", true, 0 },
    { "1.M2.h,S=12", true, 12 },
    { "1.M2.h,S=12,W=13", true, 12 },
    { "1.M2.h,W=13,S=12", true, 12 },
    { "1.M2.h:2,S=12", false, 0 },
    { "1.M2.h,S=12:2,S", true, 12 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint64_t size;
    bool known = name_size(cases[i].name, strcspn(cases[i].name, ":"), &size);
    assert_int_equal(known, cases[i].known);
    if (known) assert_true(size == cases[i].size);
  }
}

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

static void make(char const *path)
{
  close(open(path, O_WRONLY | O_CREAT, 0600));
}

static void order(void **state)
{
  char dir[] = "/tmp/pop3-mailbox-XXXXXX";
  char const *const files[] = {
    "cur/20.M5.h:2,S", "new/100.M1.h", "new/20.M10.h", "cur/20.M9.h:2,", "new/3.M1.h", "new/.hidden", "new/20.M9.h"
  };
  char const *const wanted[] = {
    "new/3.M1.h", "cur/20.M5.h:2,S", "new/20.M9.h", "cur/20.M9.h:2,", "new/20.M10.h", "new/100.M1.h"
  };
  struct mailbox box = MAILBOX_ZERO;
  (void)state;
  assert_non_null(mkdtemp(dir));
  assert_int_equal(chdir(dir), 0);
  mkdir("new", 0700);
  assert_int_equal(mailbox_scan(&box), 0);
  mkdir("cur", 0700);
  mkdir("cur/1.directory", 0700);
  mkfifo("cur/1.fifo", 0600);
  assert_int_equal(symlink("nowhere", "cur/1.dangling"), 0);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) make(files[i]);
  assert_int_equal(mailbox_scan(&box), 1);
  assert_int_equal(mailbox_count(&box), sizeof wanted / sizeof *wanted);
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
    assert_string_equal(box.names.s + mailbox_message(&box, i)->path, wanted[i]);

  /* A mail reader gives flags to 3.M1.h while we hold it as new. */
  struct message *m = mailbox_message(&box, 0);
  rename("new/3.M1.h", "cur/3.M1.h:2,RS");
  int fd = mailbox_open(&box, m);
  assert_int_not_equal(fd, -1);
  close(fd);
  rename("cur/3.M1.h:2,RS", "cur/3.M1.h:2,S");
  assert_true(mailbox_remove(&box, m));
  assert_int_equal(access("cur/3.M1.h:2,S", F_OK), -1);
  assert_true(mailbox_remove(&box, m));
  assert_int_equal(mailbox_open(&box, m), -1);

  /* A name in cur/ is never overwritten. */
  mailbox_make_old(&box, mailbox_message(&box, 2));
  assert_int_equal(access("new/20.M9.h", F_OK), 0);
  mailbox_make_old(&box, mailbox_message(&box, 5));
  assert_int_equal(access("cur/100.M1.h:2,", F_OK), 0);
  rm_rf(dir);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(sizes), cmocka_unit_test(uids), cmocka_unit_test(order) };
  return cmocka_run_group_tests(tests, 0, 0);
}
