#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lately.h"

static char room[] = "/tmp/lately-XXXXXX";
static struct nameset with_hash = NAMESET_ZERO;
static struct lately_rules rules = { .room = room, .age = 800, .with_hash = &with_hash };

static struct field const OURS = { "example.net", 11 }, OPEN = { "open.example", 12 };

static struct vpasswd joe(void)
{
  return (struct vpasswd){
    .name = field_of("joe"), .hash = field_of("$1$x$y"), .comment = field_of("Joe"), .dir = field_of("/home/joe"),
    .quota = field_of("NOQUOTA"), .uid = 1, .flags = 2
  };
}

static enum store_result find(struct vpasswd *record, struct field domain, char const *name, bool hash)
{
  static stralloc space = STRALLOC_ZERO;
  long age;
  return lately_find(record, &space, &rules, domain, field_of(name), hash, &age);
}

/* The only file there is. */
static char const *file(void)
{
  static char path[100];
  DIR *d = opendir(room);
  struct dirent *entry;
  path[0] = 0;
  while ((entry = readdir(d)))
    if (entry->d_name[0] != '.') strcat(strcat(strcpy(path, room), "/"), entry->d_name);
  closedir(d);
  return path;
}

static void set_age(long seconds)
{
  struct timespec const times[2] = { { .tv_sec = time(0) - seconds }, { .tv_sec = time(0) - seconds } };
  assert_int_equal(utimensat(AT_FDCWD, file(), times, 0), 0);
}

static long age(void)
{
  struct stat st;
  assert_int_equal(stat(file(), &st), 0);
  return (long)(time(0) - st.st_mtime);
}

static void who_was_found_is_known(void **state)
{
  struct vpasswd const kept = joe();
  struct vpasswd found;
  (void)state;
  assert_int_equal(find(&found, OURS, "joe", false), STORE_TROUBLE);
  lately_keep(&rules, OURS, &kept);
  assert_int_equal(find(&found, OURS, "joe", false), STORE_LATELY);
  assert_true(field_is(found.name, "joe") && field_is(found.dir, "/home/joe") && field_is(found.quota, "NOQUOTA") && found.flags == 2);
  assert_true(!found.hash.len && !found.comment.len);
  assert_int_equal(find(&found, OURS, "joe", true), STORE_TROUBLE);
  assert_int_equal(find(&found, OPEN, "joe", false), STORE_TROUBLE);
  assert_int_equal(find(&found, OURS, "jo", false), STORE_TROUBLE);
  lately_forget(&rules, OURS, kept.name);
  assert_int_equal(find(&found, OURS, "joe", false), STORE_TROUBLE);
}

static void a_hash_is_kept_where_it_may(void **state)
{
  struct vpasswd const kept = joe();
  struct vpasswd found;
  (void)state;
  lately_keep(&rules, OPEN, &kept);
  assert_int_equal(find(&found, OPEN, "joe", true), STORE_LATELY);
  assert_true(field_is(found.hash, "$1$x$y"));
  lately_forget(&rules, OPEN, kept.name);
}

static void it_grows_old(void **state)
{
  struct vpasswd kept = joe();
  struct vpasswd found;
  (void)state;
  lately_keep(&rules, OURS, &kept);
  set_age(90);
  lately_keep(&rules, OURS, &kept);
  assert_true(age() >= 90);
  set_age(110);
  lately_keep(&rules, OURS, &kept);
  assert_true(age() < 90);
  set_age(900);
  assert_int_equal(find(&found, OURS, "joe", false), STORE_TROUBLE);
  kept.flags = 7;
  lately_keep(&rules, OURS, &kept);
  assert_int_equal(find(&found, OURS, "joe", false), STORE_LATELY);
  assert_int_equal(found.flags, 7);
  set_age(900);
  assert_true(lately_open(&rules));
  assert_string_equal(file(), "");
}

static void what_is_not_whole_is_nobody(void **state)
{
  struct vpasswd const kept = joe();
  struct vpasswd found;
  struct stat st;
  (void)state;
  lately_keep(&rules, OURS, &kept);
  assert_int_equal(stat(file(), &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  for (off_t len = st.st_size - 1; len >= 0; len--) {
    assert_int_equal(truncate(file(), len), 0);
    assert_int_equal(find(&found, OURS, "joe", false), STORE_TROUBLE);
  }
  lately_keep(&rules, OURS, &kept);
  assert_int_equal(find(&found, OURS, "joe", false), STORE_LATELY);
  lately_forget(&rules, OURS, kept.name);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(who_was_found_is_known), cmocka_unit_test(a_hash_is_kept_where_it_may), cmocka_unit_test(it_grows_old),
    cmocka_unit_test(what_is_not_whole_is_nobody)
  };
  umask(077);
  if (!mkdtemp(room) || !nameset_list(&with_hash, "open.example\n", 13) || !lately_open(&rules)) return 111;
  int failed = cmocka_run_group_tests(tests, 0, 0);
  rmdir(room);
  return failed;
}
