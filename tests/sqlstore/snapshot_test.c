/* What a snapshot says is what was put in, and no more: no comment, no clear password, and no hash but where that may be. */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "snapshot.h"

static struct nameset with_hash = NAMESET_ZERO;
static struct snapshot_rules rules = { .path = "snapshot", .aside = "snapshot.tmp", .age = 100, .with_hash = &with_hash };
static stralloc space = STRALLOC_ZERO;
static struct vpasswd found;
static long age;

static struct vpasswd user(char const *name)
{
  return (struct vpasswd){ .name = field_of(name), .hash = field_of("$y$hash"), .comment = field_of("comment"), .dir = field_of("/home"),
                           .quota = field_of("5S"), .clear = field_of("secret"), .uid = 1, .flags = 8, .has_clear = true };
}

static void make(char const *const users[][2], size_t count)
{
  struct snapshot_writer w;
  assert_true(snapshot_begin(&w, &rules));
  for (size_t i = 0; i < count; i++) {
    struct vpasswd const record = user(users[i][0]);
    assert_true(*users[i][0] ? snapshot_add(&w, field_of(users[i][1]), &record) : snapshot_add_table(&w, field_of(users[i][1])));
  }
  assert_true(snapshot_commit(&w));
  assert_int_equal(access("snapshot.tmp", F_OK), -1);
}

static char const *const town[][2] = {
  { "Joe", "a.example" }, { "ann", "B.example" }, { "", "b_example" }, { "jim", "b_example" }, { "max", "hash.example" }, { "", "own_hash_example" },
  { "own", "own_hash_example" }
};
#define TOWN town, sizeof town / sizeof *town

static enum store_result find(char const *domain, char const *name, bool hash)
{
  return snapshot_find(&found, &space, &rules, field_of(domain), field_of(name), hash, &age);
}

static void expect(char const *domain, char const *name, bool hash, enum store_result wanted)
{
  errno = 0;
  enum store_result r = find(domain, name, hash);
  if (r != wanted || (r == STORE_TROUBLE && errno != ENODATA)) fail_msg("%s@%s: %d, %s", name, domain, (int)r, strerror(errno));
}

static void who_was_there_is_found(void **state)
{
  (void)state;
  make(TOWN);
  expect("a.example", "joe", false, STORE_LATELY);
  assert_true(field_is(found.name, "Joe") && field_is(found.dir, "/home") && field_is(found.quota, "5S"));
  assert_true(found.uid == 1 && found.flags == 8 && age <= 1);
  assert_true(!found.hash.len && !found.comment.len && !found.clear.len && !found.has_clear);
  expect("A.Example", "JOE", false, STORE_LATELY);
  expect("a.example", "jo", false, STORE_TROUBLE);
  expect("a.example", "", false, STORE_TROUBLE);
  expect("", "joe", false, STORE_TROUBLE);
}

static void a_domain_with_a_table_has_no_other_users(void **state)
{
  (void)state;
  make(TOWN);
  expect("b.example", "jim", false, STORE_LATELY);
  expect("b-example", "jim", false, STORE_LATELY);
  expect("b.example", "ann", false, STORE_TROUBLE);
}

static void no_hash_is_kept_but_where_it_may_be(void **state)
{
  struct stat st;
  char bytes[8192];
  (void)state;
  static char const names[] = "hash.example\nown.hash.example\nown_hash_example\n";
  assert_int_equal(stat("snapshot", &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  make(TOWN);
  int fd = open("snapshot", O_RDONLY);
  ssize_t len = read(fd, bytes, sizeof bytes);
  close(fd);
  assert_null(memmem(bytes, (size_t)len, "$y$", 3));
  assert_null(memmem(bytes, (size_t)len, "secret", 6));
  expect("hash.example", "max", true, STORE_TROUBLE);
  assert_true(nameset_list(&with_hash, names, sizeof names - 1));
  make(TOWN);
  expect("hash.example", "max", true, STORE_LATELY);
  assert_true(field_is(found.hash, "$y$hash"));
  expect("own.hash.example", "own", true, STORE_LATELY);
  expect("a.example", "joe", true, STORE_TROUBLE);
  nameset_list(&with_hash, "", 0);
  expect("hash.example", "max", true, STORE_TROUBLE);
  expect("hash.example", "max", false, STORE_LATELY);
}

static void be_old(long seconds)
{
  struct timespec const times[2] = { { .tv_sec = time(0) - seconds }, { .tv_sec = time(0) - seconds } };
  assert_int_equal(utimensat(AT_FDCWD, "snapshot", times, 0), 0);
}

static void an_old_one_is_not_believed(void **state)
{
  (void)state;
  make(TOWN);
  be_old(90);
  assert_int_equal(find("a.example", "joe", false), STORE_LATELY);
  be_old(110);
  assert_int_equal(find("a.example", "joe", false), STORE_TROUBLE);
  assert_int_equal(errno, ESTALE);
}

/* In whatever order the users come. */
static void the_same_is_not_written_again(void **state)
{
  static char const *const turned[][2] = { { "ann", "a.example" }, { "joe", "a.example" } }, *const one[][2] = { { "joe", "a.example" }, { "ann", "a.example" } };
  struct stat before, after;
  (void)state;
  make(one, 2);
  be_old(90);
  stat("snapshot", &before);
  make(turned, 2);
  stat("snapshot", &after);
  assert_true(before.st_ino == after.st_ino && after.st_mtime > before.st_mtime + 80);
  make(one, 1);
  stat("snapshot", &after);
  assert_int_not_equal(before.st_ino, after.st_ino);
  expect("a.example", "ann", false, STORE_TROUBLE);
}

static bool count(void *with, struct vpasswd const *record)
{
  assert_true(record->name.len);
  return ++*(int *)with;
}

static void all_of_a_domain_are_listed(void **state)
{
  static char const *const users[][2] = { { "joe", "a.example" }, { "ann", "xa.example" }, { "ann", "a.example" }, { "", "b_example" }, { "jim", "b_example" } };
  int n = 0;
  (void)state;
  make(users, 5);
  assert_int_equal(snapshot_list(&rules, field_of("A.example"), 0, count, &n, &age), STORE_LATELY);
  assert_int_equal(n, 2);
  assert_int_equal(snapshot_list(&rules, field_of("b.example"), 0, count, &n, &age), STORE_LATELY);
  assert_int_equal(n, 3);
  assert_int_equal(snapshot_list(&rules, field_of("c.example"), 0, count, &n, &age), STORE_LATELY);
  assert_int_equal(n, 3);
}

static void put(char const *bytes, size_t len)
{
  int fd = open("snapshot", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_int_equal(write(fd, bytes, len), len);
  close(fd);
}

/* Whatever is there, nothing crashes, and what is found is whole. */
static void a_damaged_one_is_trouble(void **state)
{
  static char const *const users[][2] = { { "joe", "a.example" } };
  static char good[4096], bad[4096];
  int n = 0;
  (void)state;
  make(users, 1);
  int fd = open("snapshot", O_RDONLY);
  ssize_t const len = read(fd, good, sizeof good);
  close(fd);
  assert_in_range(len, 1, sizeof good - 1);
  for (ssize_t at = 0; at < len; at++)
    for (int bit = 1; bit <= 0x80; bit <<= 7) {
      memcpy(bad, good, (size_t)len);
      bad[at] ^= (char)bit;
      put(bad, (size_t)len);
      if (find("a.example", "joe", false) == STORE_LATELY) assert_true(found.name.len == 3 && found.dir.len == 5);
      snapshot_list(&rules, field_of("a.example"), 0, count, &n, &age);
    }
  for (ssize_t cut = 0; cut < len; cut++) {
    put(good, (size_t)cut);
    find("a.example", "joe", false);
    snapshot_list(&rules, field_of("a.example"), 0, count, &n, &age);
  }
  put("", 0);
  assert_int_equal(find("a.example", "joe", false), STORE_TROUBLE);
  unlink("snapshot");
  assert_int_equal(find("a.example", "joe", false), STORE_TROUBLE);
  assert_int_equal(errno, ENOENT);
}

static int enter(void **state)
{
  static char place[] = "/tmp/snapshot.XXXXXX";
  (void)state;
  return !mkdtemp(place) || chdir(place) == -1;
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(who_was_there_is_found),
    cmocka_unit_test(a_domain_with_a_table_has_no_other_users),
    cmocka_unit_test(no_hash_is_kept_but_where_it_may_be),
    cmocka_unit_test(an_old_one_is_not_believed),
    cmocka_unit_test(the_same_is_not_written_again),
    cmocka_unit_test(all_of_a_domain_are_listed),
    cmocka_unit_test(a_damaged_one_is_trouble)
  };
  return cmocka_run_group_tests(tests, enter, 0);
}
