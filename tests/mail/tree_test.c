#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tree.h"

static char base[] = "/tmp/tree-test-XXXXXX";

static char *under(char const *name)
{
  static char path[4][128];
  static unsigned next = 0;
  char *p = path[next++ % 4];
  snprintf(p, sizeof path[0], "%s/%s", base, name);
  return p;
}

static bool exists(char const *name)
{
  struct stat st;
  return lstat(under(name), &st) == 0;
}

static void make_file(char const *name)
{
  int fd = open(under(name), O_WRONLY | O_CREAT, 0600);
  assert_int_not_equal(fd, -1);
  close(fd);
}

static int enter_new_directory(void **state)
{
  (void)state;
  return mkdtemp(base) ? 0 : -1;
}

static int leave(void **state)
{
  (void)state;
  int fd = open("/tmp", O_RDONLY | O_DIRECTORY);
  bool gone = tree_remove(fd, base + 5);
  close(fd);
  return gone ? 0 : -1;
}

static void a_link_counts_only_where_root_alone_could_make_it(void **state)
{
  (void)state;
  assert_int_equal(mkdir(under("real"), 0755), 0);
  assert_int_equal(mkdir(under("open"), 0777), 0);
  assert_int_equal(chmod(under("open"), 0777), 0);
  assert_int_equal(symlink(under("real"), under("link")), 0);
  assert_int_equal(symlink(under("real"), under("open/link")), 0);
  assert_int_equal(tree_open(under("open/link")), -1);
  assert_int_equal(errno, ELOOP);
  assert_int_equal(tree_open(under("missing")), -1);
  assert_int_equal(errno, ENOENT);
  if (geteuid() != 0) return;
  int fd = tree_open(under("link"));
  assert_int_not_equal(fd, -1);
  close(fd);
}

static void what_is_made_is_the_owners(void **state)
{
  struct stat st;
  (void)state;
  int parent = tree_open(base);
  int fd = tree_make(parent, "made", getuid(), getgid(), 0750);
  assert_int_not_equal(fd, -1);
  assert_int_equal(fstat(fd, &st), 0);
  assert_int_equal(st.st_mode & 07777, 0750);
  assert_int_equal(tree_make(parent, "made", getuid(), getgid(), 0750), -1);
  assert_int_equal(errno, EEXIST);
  close(fd);
  close(parent);
}

static void a_move_done_twice_is_done_once(void **state)
{
  (void)state;
  assert_int_equal(mkdir(under("old"), 0700), 0);
  assert_true(tree_move(under("old"), "new"));
  assert_true(exists("new") && !exists("old"));
  assert_true(tree_move(under("old"), "new"));
  assert_int_equal(mkdir(under("old"), 0700), 0);
  assert_false(tree_move(under("old"), "new"));
  assert_int_equal(errno, EEXIST);
  assert_false(tree_move(under("nothing"), "nowhere"));
  assert_int_equal(errno, ENOENT);
}

static void a_tree_is_removed_and_what_its_links_lead_to_is_not(void **state)
{
  (void)state;
  assert_int_equal(mkdir(under("kept"), 0700), 0);
  make_file("kept/mail");
  assert_int_equal(mkdir(under("goes"), 0700), 0);
  assert_int_equal(mkdir(under("goes/deep"), 0700), 0);
  make_file("goes/deep/file");
  assert_int_equal(symlink(under("kept"), under("goes/deep/link")), 0);
  assert_int_equal(symlink(under("kept"), under("goes.link")), 0);
  int parent = tree_open(base);
  assert_true(tree_remove(parent, "goes"));
  assert_true(tree_remove(parent, "goes"));
  assert_true(tree_remove(parent, "goes.link"));
  assert_false(exists("goes") || exists("goes.link"));
  assert_true(exists("kept/mail"));
  close(parent);
}

static void depth_has_a_bound(void **state)
{
  char path[4 * TREE_DEPTH_MAX] = "deep";
  (void)state;
  assert_int_equal(mkdir(under("deep"), 0700), 0);
  for (int i = 0; i < TREE_DEPTH_MAX + 1; i++) {
    char whole[sizeof path + sizeof base];
    strcat(path, "/d");
    snprintf(whole, sizeof whole, "%s/%s", base, path);
    assert_int_equal(mkdir(whole, 0700), 0);
  }
  int parent = tree_open(base);
  int inner = tree_open(under("deep/d"));
  assert_false(tree_remove(parent, "deep"));
  assert_int_equal(errno, ELOOP);
  assert_true(tree_remove(inner, "d"));
  assert_true(tree_remove(parent, "deep"));
  close(inner);
  close(parent);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_link_counts_only_where_root_alone_could_make_it),
    cmocka_unit_test(what_is_made_is_the_owners),
    cmocka_unit_test(a_move_done_twice_is_done_once),
    cmocka_unit_test(a_tree_is_removed_and_what_its_links_lead_to_is_not),
    cmocka_unit_test(depth_has_a_bound)
  };
  return cmocka_run_group_tests(tests, enter_new_directory, leave);
}
