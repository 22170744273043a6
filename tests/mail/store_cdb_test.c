/* Users of a domain in vpasswd and vpasswd.cdb: what files hold, what others have made of them, what a crash leaves. */

#include <cdb.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "place.h"
#include "store_users.h"

static int enter(void **state)
{
  int r = place_enter(state);
  domain = (struct store_domain){ "example.net", place_fd, &store_cdb, STORE_AS_IT_IS };
  return r;
}

static void what_stands_in_the_file(void **state)
{
  (void)state;
  assert_int_equal(add("joe"), STORE_DONE);
  assert_int_equal(add("Ann"), STORE_DONE);
  assert_int_equal(add("bob"), STORE_DONE);
  place_expect("vpasswd", "ann:h:1:0:c:/d:q\nbob:h:1:0:c:/d:q\njoe:h:1:0:c:/d:q\n");
  assert_true(store_remove(&domain, text("joe")) == STORE_DONE && store_remove(&domain, text("bob")) == STORE_DONE);
  assert_int_equal(store_remove(&domain, text("ann")), STORE_DONE);
  place_expect("vpasswd", "");
  assert_false(place_has(".vpasswd.new") || place_has(".vpasswd.cdb.new") || place_has(".vpasswd.cdb.renewed"));
}

/* What programs of vpopmail and people leave. */
static void a_table_of_old(void **state)
{
  (void)state;
  place_write("vpasswd", "joe:h:1:0:c:/d:q\n# remark\nAnn:h:1:0:c:/d:first\nann:h:1:0:c:/d:second\n"
              "no:user\nsick:h:x:0:c:/d:q");
  assert_int_equal(find("joe", "q"), STORE_DONE);
  assert_int_equal(find("ann", "first"), STORE_DONE);
  assert_int_equal(find("no", ""), STORE_NO_USER);
  assert_int_equal(find("sick", ""), STORE_TROUBLE);
  assert_int_equal(errno, EPROTO);
  static stralloc all = STRALLOC_ZERO;
  assert_int_equal(store_list(&domain, append, &all), STORE_TROUBLE);
  assert_true(bytes_z(&all));
  assert_string_equal(all.s, "ann joe ");
  assert_int_equal(add("bob"), STORE_DONE);
  assert_int_equal(store_remove(&domain, text("ann")), STORE_DONE);
  place_expect("vpasswd", "bob:h:1:0:c:/d:q\njoe:h:1:0:c:/d:q\n# remark\nno:user\nsick:h:x:0:c:/d:q\n");
}

static void edited_by_hand(void **state)
{
  (void)state;
  assert_int_equal(add("joe"), STORE_DONE);
  place_write("vpasswd", "ann:h:1:0:c:/d:q\njoe:h:1:0:c:/d:q\n");
  expect_users("joe ");
  assert_int_equal(store_cdb_renew(&domain), STORE_DONE);
  expect_users("ann joe ");
  place_write("vpasswd", "ann:h:1:0:c:/d:q\njoe:h:1:0:c:/d:q\nzoe:h:1:0:c:/d:q\n");
  assert_int_equal(add("bob"), STORE_DONE);
  expect_users("ann bob joe zoe ");
}

/* The text is lost, or nothing is left in it: the users are not. */
static void lost_files(void **state)
{
  (void)state;
  assert_int_equal(find("joe", ""), STORE_TROUBLE);
  assert_int_equal(errno, ENOENT);
  assert_true(add("joe") == STORE_DONE && add("ann") == STORE_DONE);
  assert_int_equal(unlink("vpasswd.cdb"), 0);
  assert_int_equal(find("joe", "q"), STORE_DONE);
  assert_true(place_has("vpasswd.cdb"));
  assert_int_equal(unlink("vpasswd"), 0);
  assert_int_equal(add("bob"), STORE_DONE);
  place_expect("vpasswd", "ann:h:1:0:c:/d:q\nbob:h:1:0:c:/d:q\njoe:h:1:0:c:/d:q\n");
  place_write("vpasswd", "");
  assert_int_equal(add("zoe"), STORE_DONE);
  expect_users("ann bob joe zoe ");
  place_write("vpasswd", "");
  place_write("vpasswd.cdb", "nonsense");
  assert_int_equal(add("x"), STORE_TROUBLE);
  assert_int_equal(find("joe", ""), STORE_TROUBLE);
  int users = 0;
  assert_int_equal(store_list(&domain, count, &users), STORE_TROUBLE);
}

/* Between the two names: a reader finishes it. */
static void a_crash_when_it_is_decided(void **state)
{
  (void)state;
  assert_int_equal(add("joe"), STORE_DONE);
  place_write("vpasswd", "ann:h:1:0:c:/d:q\njoe:h:1:0:c:/d:q\n");
  place_write(".vpasswd.cdb.new", "half of");
  expect_users("ann joe ");
  assert_false(place_has(".vpasswd.cdb.new"));
  place_write("vpasswd", "joe:h:1:0:c:/d:q\n");
  place_write(".vpasswd.cdb.new", "half of");
  assert_int_equal(find("ann", ""), STORE_NO_USER);
  assert_false(place_has(".vpasswd.cdb.new"));
}

static void a_crash_before(void **state)
{
  (void)state;
  assert_int_equal(add("joe"), STORE_DONE);
  place_write(".vpasswd.new", "ann:h:1:0:c:/d:q\njoe:");
  place_write(".vpasswd.cdb.new", "half of");
  place_write(".vpasswd.cdb.renewed", "half of");
  expect_users("joe ");
  assert_true(place_has(".vpasswd.cdb.new"));
  assert_int_equal(add("bob"), STORE_DONE);
  expect_users("bob joe ");
  assert_false(place_has(".vpasswd.new") || place_has(".vpasswd.cdb.new"));
}

static void a_crash_before_there_was_a_user(void **state)
{
  (void)state;
  place_write(".vpasswd.cdb.new", "half of");
  assert_int_equal(find("joe", ""), STORE_TROUBLE);
  assert_int_equal(add("joe"), STORE_DONE);
  expect_users("joe ");
  assert_false(place_has(".vpasswd.cdb.new"));
}

static void others_files(void **state)
{
  (void)state;
  assert_int_equal(add("joe"), STORE_DONE);
  assert_int_equal(rename("vpasswd.cdb", "elsewhere"), 0);
  assert_int_equal(symlink("elsewhere", "vpasswd.cdb"), 0);
  assert_int_equal(find("joe", "q"), STORE_TROUBLE);
  assert_int_equal(errno, ELOOP);
  assert_int_equal(rename("elsewhere", "vpasswd.cdb"), 0);
  assert_int_equal(find("joe", "q"), STORE_DONE);
  assert_int_equal(rename("vpasswd", "elsewhere"), 0);
  assert_int_equal(symlink("elsewhere", "vpasswd"), 0);
  assert_int_equal(add("ann"), STORE_TROUBLE);
  assert_int_equal(errno, ELOOP);
}

static void expect_file(char const *name, mode_t mode, uid_t owner)
{
  struct stat st;
  assert_int_equal(stat(name, &st), 0);
  assert_int_equal(st.st_mode & 07777, mode);
  assert_int_equal(st.st_uid, owner);
}

static void owner_and_mode(void **state)
{
  enum { JOE = 12345 };
  (void)state;
  if (geteuid() != 0) skip();
  assert_int_equal(chown(".", JOE, JOE), 0);
  assert_int_equal(add("joe"), STORE_DONE);
  expect_file("vpasswd", 0600, JOE);
  expect_file("vpasswd.cdb", 0600, JOE);
  expect_file(".vpasswd.lock", 0600, JOE);
  assert_true(chmod("vpasswd", 0644) == 0 && chmod("vpasswd.cdb", 0640) == 0);
  assert_int_equal(add("ann"), STORE_DONE);
  expect_file("vpasswd", 0640, JOE);
  expect_file("vpasswd.cdb", 0640, JOE);
  assert_int_equal(chmod(".", 0755), 0);
  int status;
  pid_t pid = fork();
  if (!pid) {
    if (setuid(JOE + 1) == -1) _exit(1);
    if (find("joe", "q") != STORE_TROUBLE || errno != EACCES) _exit(2);
    if (add("eve") != STORE_TROUBLE || errno != EACCES) _exit(3);
    _exit(0);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  expect_users("ann joe ");
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test_setup_teardown(what_stands_in_the_file, enter, place_leave),
    cmocka_unit_test_setup_teardown(a_table_of_old, enter, place_leave),
    cmocka_unit_test_setup_teardown(edited_by_hand, enter, place_leave),
    cmocka_unit_test_setup_teardown(lost_files, enter, place_leave),
    cmocka_unit_test_setup_teardown(a_crash_when_it_is_decided, enter, place_leave),
    cmocka_unit_test_setup_teardown(a_crash_before, enter, place_leave),
    cmocka_unit_test_setup_teardown(a_crash_before_there_was_a_user, enter, place_leave),
    cmocka_unit_test_setup_teardown(others_files, enter, place_leave),
    cmocka_unit_test_setup_teardown(owner_and_mode, enter, place_leave),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
