/* users/cdb, made with libcdb, asked as qmail-lspawn asks. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "users.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))
#define TEXT(s) s, sizeof s - 1

struct record { char const *key; size_t key_len; char const *data; size_t data_len; };

/* As qmail-newu writes +foo, +joe-, +X (case kept in the wildcard set) and + . */
static struct record const table[] = {
  { TEXT("!joe\0"), TEXT("joe\0" "1001\0" "100\0" "/home/joe\0\0") },
  { TEXT("!joe\0"), TEXT("second\0" "1\0" "1\0" "/\0\0") },
  { TEXT("!joe-"), TEXT("joe\0" "1001\0" "100\0" "/home/joe\0-\0") },
  { TEXT("!joe-list-"), TEXT("lists\0" "1002\0" "100\0" "/home/lists\0-\0joe-") },
  { TEXT("!max"), TEXT("max\0" "1003\0" "100\0" "/home/max\0-\0pre-") },
  { TEXT("!broken\0"), TEXT("max\0" "1003\0") },
  { TEXT("!number\0"), TEXT("max\0" "4294967295\0" "100\0" "/\0\0") },
  { TEXT(""), TEXT("-X") }
};
static struct record const catch_all = { TEXT("!"), TEXT("alias\0" "70\0" "71\0" "/var/qmail/alias\0-\0") };

static void write_table(struct record const *records, size_t n, struct record const *more)
{
  struct cdb_make maker;
  int fd = open("users/cdb", O_RDWR | O_CREAT | O_TRUNC, 0600);
  assert_int_not_equal(fd, -1);
  cdb_make_start(&maker, fd);
  for (size_t i = 0; i < n; i++)
    cdb_make_add(&maker, records[i].key, (unsigned)records[i].key_len, records[i].data, (unsigned)records[i].data_len);
  if (more) cdb_make_add(&maker, more->key, (unsigned)more->key_len, more->data, (unsigned)more->data_len);
  cdb_make_finish(&maker);
  close(fd);
}

static struct { char const *box; char const *name, *dash, *ext; uid_t uid; } const found[] = {
  { "joe", "joe", "", "", 1001 },
  { "JOE", "joe", "", "", 1001 },
  { "joe-", "joe", "-", "", 1001 },
  { "joe-Some.Thing", "joe", "-", "Some.Thing", 1001 },
  { "Joe-List-Owner", "lists", "-", "joe-Owner", 1002 },
  { "joe-list", "joe", "-", "list", 1001 },
  { "max", "max", "-", "pre-", 1003 },
  { "MAXimum", "max", "-", "pre-imum", 1003 },
};
static char const *const nobody[] = { "", "jo", "bill", "ma", "-", "x" };

static void finds(void **state)
{
  (void)state;
  write_table(table, COUNT(table), 0);
  for (size_t i = 0; i < COUNT(found); i++) {
    struct user user = USER_ZERO;
    if (users_find(&user, found[i].box, strlen(found[i].box)) != USERS_FOUND) fail_msg("%s not found", found[i].box);
    assert_string_equal(user.name.s, found[i].name);
    assert_string_equal(user.dash.s, found[i].dash);
    assert_string_equal(user.ext.s, found[i].ext);
    assert_int_equal(user.uid, found[i].uid);
    assert_int_equal(user.gid, 100);
  }
  for (size_t i = 0; i < COUNT(nobody); i++) {
    struct user user = USER_ZERO;
    assert_int_equal(users_find(&user, nobody[i], strlen(nobody[i])), USERS_NOBODY);
  }
}

static void a_pattern_is_found_by_itself(void **state)
{
  (void)state;
  struct user user = USER_ZERO;
  write_table(table, COUNT(table), &catch_all);
  assert_int_equal(users_find_prefix(&user, "JOE-", 4), USERS_FOUND);
  assert_string_equal(user.name.s, "joe");
  assert_string_equal(user.home.s, "/home/joe");
  assert_string_equal(user.dash.s, "-");
  assert_string_equal(user.ext.s, "");
  assert_int_equal(users_find_prefix(&user, "joe", 3), USERS_NOBODY);
  assert_int_equal(users_find_prefix(&user, "joe-list", 8), USERS_NOBODY);
  assert_int_equal(users_find_prefix(&user, "", 0), USERS_FOUND);
  assert_string_equal(user.name.s, "alias");
}

static void the_empty_pattern_catches_all(void **state)
{
  (void)state;
  struct user user = USER_ZERO;
  write_table(table, COUNT(table), &catch_all);
  assert_int_equal(users_find(&user, "Bill.Gates", 10), USERS_FOUND);
  assert_string_equal(user.name.s, "alias");
  assert_string_equal(user.home.s, "/var/qmail/alias");
  assert_string_equal(user.ext.s, "Bill.Gates");
  assert_int_equal(users_find(&user, "joe", 3), USERS_FOUND);
  assert_string_equal(user.name.s, "joe");
}

static void trouble_is_not_absence(void **state)
{
  (void)state;
  struct user user = USER_ZERO;
  write_table(table, COUNT(table), 0);
  assert_int_equal(users_find(&user, "broken", 6), USERS_TROUBLE);
  assert_int_equal(users_find(&user, "number", 6), USERS_TROUBLE);
  write_table(table, COUNT(table) - 1, 0);                  /* no wildcard set */
  assert_int_equal(users_find(&user, "joe", 3), USERS_TROUBLE);
  assert_int_equal(truncate("users/cdb", 2048 + 10), 0);
  assert_int_equal(users_find(&user, "joe", 3), USERS_TROUBLE);
  assert_int_equal(truncate("users/cdb", 0), 0);
  assert_int_equal(users_find(&user, "joe", 3), USERS_TROUBLE);
  assert_int_equal(unlink("users/cdb"), 0);
  assert_int_equal(users_find(&user, "joe", 3), USERS_NOBODY);
  assert_int_equal(mkdir("users/cdb", 0700), 0);
  assert_int_equal(users_find(&user, "joe", 3), USERS_TROUBLE);
  assert_int_equal(rmdir("users/cdb"), 0);
}

/* A damaged table may name any length: nothing of that size may be asked for or read. */
static void damaged_tables_are_survived(void **state)
{
  (void)state;
  for (unsigned place = 0; place < 2048 + 700; place += 3) {
    struct user user = USER_ZERO;
    write_table(table, COUNT(table), &catch_all);
    int fd = open("users/cdb", O_RDWR);
    assert_int_equal(pwrite(fd, "\xff\xfe\xff\x7f", 4, place), 4);
    close(fd);
    users_find(&user, "joe-x", 5);
  }
}

static uid_t uid_of_joe(void)
{
  struct user user = USER_ZERO;
  assert_int_equal(users_find(&user, "joe", 3), USERS_FOUND);
  return user.uid;
}

static void write_with_uid(char const *uid)
{
  char data[] = "joe\0....\0" "100\0" "/home/joe\0\0";
  memcpy(data + 4, uid, 4);
  struct record const rows[] = { { TEXT("!joe\0"), data, sizeof data - 1 }, { TEXT(""), TEXT("-") } };
  write_table(rows, COUNT(rows), 0);
}

/* As soon as another table has the name it counts, however alike both are and however soon; and what is written into one is seen. */
static void a_table_counts_as_long_as_it_is_there(void **state)
{
  (void)state;
  write_with_uid("1001");
  assert_int_equal(rename("users/cdb", "users/a"), 0);
  write_with_uid("1002");
  for (int i = 0; i < 300; i++) {
    assert_int_equal(uid_of_joe(), 1002);
    assert_int_equal(rename("users/cdb", "users/b"), 0);
    struct user nobody = USER_ZERO;
    if (i % 3 == 0) assert_int_equal(users_find(&nobody, "joe", 3), USERS_NOBODY);
    assert_int_equal(rename("users/a", "users/cdb"), 0);
    assert_int_equal(uid_of_joe(), 1001);
    assert_true(rename("users/cdb", "users/a") == 0 && rename("users/b", "users/cdb") == 0);
  }
  for (int i = 0; i < 100; i++) {
    write_with_uid(i % 2 ? "1003" : "1004");
    assert_int_equal(uid_of_joe(), i % 2 ? 1003 : 1004);
    if (i % 5 == 0) assert_int_equal(unlink("users/cdb"), 0);
  }
  assert_int_equal(unlink("users/a"), 0);
}

/* In a container the table may come from a layer of its image: what is mapped then is not what is written later. */
static bool table_from_a_layer(void)
{
  return unshare(CLONE_NEWNS) == 0 && mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) == 0 && mkdir("over", 0700) == 0
    && mount("tmpfs", "over", "tmpfs", 0, 0) == 0 && mkdir("over/low", 0700) == 0 && mkdir("over/up", 0700) == 0
    && mkdir("over/work", 0700) == 0 && mount("over/low", "users", 0, MS_BIND, 0) == 0 && (write_with_uid("1001"), true)
    && mount("overlay", "users", "overlay", 0, "lowerdir=over/low,upperdir=over/up,workdir=over/work") == 0;
}

static int uids_from_a_layer(void)
{
  if (!table_from_a_layer()) return 77;
  uid_t before = uid_of_joe();
  write_with_uid("1002");
  return before == 1001 && uid_of_joe() == 1002 ? 0 : 1;
}

static void a_table_from_a_layer_may_be_written_over(void **state)
{
  int wstat;
  (void)state;
  pid_t pid = fork();
  if (!pid) _exit(uids_from_a_layer());
  assert_int_equal(waitpid(pid, &wstat, 0), pid);
  rmdir("over");
  if (WIFEXITED(wstat) && WEXITSTATUS(wstat) == 77) skip();
  assert_int_equal(wstat, 0);
}

static struct { char const *s; size_t len; int result; } const lists[] = {
  { TEXT("u\0" "1\0" "2\0/h\0-\0ext\0"), 1 },
  { TEXT("u\0" "1\0" "2\0/h\0-\0ext"), 1 },
  { TEXT("u\0" "1\0" "2\0/h\0\0\0"), 1 },
  { TEXT("u\0" "1\0" "2\0/h\0\0"), 1 },
  { TEXT("u\0" "0\0" "0\0/h\0\0"), 1 },
  { TEXT("u\0" "0000000000001000\0" "2\0/h\0\0"), 1 },
  { TEXT("u\0" "0000000004294967295\0" "2\0/h\0\0"), 0 },
  { TEXT("u\0" "1\0" "2\0/h\0"), 0 },
  { TEXT("\0" "1\0" "2\0/h\0\0"), 0 },
  { TEXT("u\0" "1x\0" "2\0/h\0\0"), 0 },
  { TEXT("u\0" "-1\0" "2\0/h\0\0"), 0 },
  { TEXT("u\0" "\0" "2\0/h\0\0"), 0 },
  { TEXT("u\0" "4294967295\0" "2\0/h\0\0"), 0 },
  { TEXT("u\0" "1\0" "4294967296\0/h\0\0"), 0 },
  { TEXT("u\0" "1\0" "2\0/h\0-\0ext\0more"), 0 },
  { TEXT(""), 0 },
};

static void lists_of_fields(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(lists); i++) {
    struct user user = USER_ZERO;
    if (users_parse(&user, lists[i].s, lists[i].len) != lists[i].result) fail_msg("list %zu", i);
  }
}

static int enter_directory(void **state)
{
  static char place[] = "/tmp/local-users-XXXXXX";
  *state = mkdtemp(place);
  return !*state || chdir(place) == -1 || mkdir("users", 0700) == -1;
}

static int leave_directory(void **state)
{
  unlink("users/cdb");
  return rmdir("users") == -1 || chdir("/") == -1 || rmdir(*state) == -1;
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(finds),
    cmocka_unit_test(a_pattern_is_found_by_itself),
    cmocka_unit_test(the_empty_pattern_catches_all),
    cmocka_unit_test(trouble_is_not_absence),
    cmocka_unit_test(damaged_tables_are_survived),
    cmocka_unit_test(a_table_counts_as_long_as_it_is_there),
    cmocka_unit_test(a_table_from_a_layer_may_be_written_over),
    cmocka_unit_test(lists_of_fields)
  };
  return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
