/* Users of a domain, whatever keeps them: what is found, what changes, all or nothing. One suite for all back ends.

   STORE=sqlite asks the helper of that name, which must be running (tests/sqlstore does so on a host); otherwise it is cdb.
   STORE_USERS=100000 tells what changes cost with so many; otherwise it is tried with fewer. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "place.h"
#include "store_choice.h"
#include "store_users.h"

static bool append_edit(void *with, struct vpasswd const *r)
{
  return bytes_addb(with, r->name.s, r->name.len) && bytes_addc(with, 0);
}

/* What the test before has left in a server. */
static void remove_all(void)
{
  stralloc names = STRALLOC_ZERO;
  assert_int_equal(store_list(&domain, append_edit, &names), STORE_DONE);
  for (size_t at = 0; at < names.len; at += strlen(names.s + at) + 1)
    assert_int_equal(store_remove(&domain, (struct field){ names.s + at, strlen(names.s + at) }), STORE_DONE);
  stralloc_free(&names);
}

static int enter(void **state)
{
  size_t culprit;
  char const *name = getenv("STORE");
  int r = place_enter(state);
  if (!name) name = "cdb";
  domain = (struct store_domain){ "example.net", place_fd, store_choice_parse(name, strlen(name), (struct field){ "", 0 }), STORE_AS_IT_IS };
  assert_non_null(domain.store);
  assert_int_equal(store_edit(&domain, 0, 0, &culprit), STORE_DONE);
  remove_all();
  return r;
}

static bool no_more(void *with, struct vpasswd const *r)
{
  (void)r;
  return --*(int *)with > 0;
}

static void one_after_the_other(void **state)
{
  (void)state;
  assert_int_equal(add("joe"), STORE_DONE);
  assert_int_equal(add("Ann"), STORE_DONE);
  assert_int_equal(add("ANN"), STORE_EXISTS);
  assert_int_equal(add("bob"), STORE_DONE);
  assert_int_equal(find("BOB", "q"), STORE_DONE);
  assert_int_equal(find("bo", ""), STORE_NO_USER);
  assert_int_equal(find("", ""), STORE_NO_USER);
  struct vpasswd r = user("Bob", "q2");
  assert_int_equal(store_change(&domain, &r), STORE_DONE);
  assert_int_equal(find("bob", "q2"), STORE_DONE);
  expect_users("ann bob joe ");
  assert_int_equal(store_remove(&domain, text("ann")), STORE_DONE);
  assert_int_equal(store_remove(&domain, text("ann")), STORE_NO_USER);
  r = user("ann", "q");
  assert_int_equal(store_change(&domain, &r), STORE_NO_USER);
  r = user("a:b", "q");
  assert_int_equal(store_add(&domain, &r), STORE_UNFIT);
  expect_users("bob joe ");
  int left = 1;
  assert_int_equal(store_list(&domain, no_more, &left), STORE_DONE);
  assert_int_equal(left, 0);
  assert_int_equal(store_remove(&domain, text("joe")), STORE_DONE);
  assert_int_equal(store_remove(&domain, text("bob")), STORE_DONE);
  expect_users("");
  assert_int_equal(add("joe"), STORE_DONE);
  expect_users("joe ");
}

static void all_or_nothing(void **state)
{
  struct store_edit edits[] = {
    { .deed = STORE_ADD, .record = user("zoe", "q") },
    { .deed = STORE_REMOVE, .record = { .name = text("joe") } },
    { .deed = STORE_CHANGE, .record = user("ann", "q2") },
    { .deed = STORE_ADD, .record = user("bob", "q") },
  };
  size_t culprit = 99;
  (void)state;
  assert_true(add("joe") == STORE_DONE && add("ann") == STORE_DONE);
  edits[3].record.name = text("ANN");
  assert_int_equal(store_edit(&domain, edits, 4, &culprit), STORE_EXISTS);
  assert_int_equal(culprit, 3);
  edits[3].record.name = text("bob");
  edits[1].record.name = text("jo");
  assert_int_equal(store_edit(&domain, edits, 4, &culprit), STORE_NO_USER);
  assert_int_equal(culprit, 1);
  edits[1].record.name = text("joe");
  edits[0].record.comment = text(":");
  assert_int_equal(store_edit(&domain, edits, 4, &culprit), STORE_UNFIT);
  assert_int_equal(culprit, 0);
  expect_users("ann joe ");
  edits[0].record.comment = text("");
  assert_int_equal(store_edit(&domain, edits, 4, &culprit), STORE_DONE);
  expect_users("ann bob zoe ");
  assert_int_equal(find("ann", "q2"), STORE_DONE);
}

/* ---- altering ---- */

static void expect_record(struct vpasswd const *wanted)
{
  static stralloc space = STRALLOC_ZERO, is = STRALLOC_ZERO, should = STRALLOC_ZERO;
  struct vpasswd r;
  assert_int_equal(store_find(&domain, &r, &space, wanted->name), STORE_DONE);
  is.len = should.len = 0;
  r.has_clear = wanted->has_clear;
  assert_true(vpasswd_format(&is, &r) && vpasswd_format(&should, wanted));
  assert_true(bytes_z(&is) && bytes_z(&should));
  assert_string_equal(is.s, should.s);
}

static void what_is_altered_is_that_alone(void **state)
{
  (void)state;
  struct vpasswd r = user("joe", "q");
  r.flags = 0x3;
  assert_int_equal(store_add(&domain, &r), STORE_DONE);
  struct store_edit edit = { .record = user("JOE", "7S"), .fields = STORE_QUOTA | STORE_FLAGS, .flags_dropped = 0x1 };
  edit.record.flags = 0x10;
  edit.record.hash = text("other");
  assert_int_equal(store_alter(&domain, edit), STORE_DONE);
  r.quota = text("7S");
  r.flags = 0x12;
  expect_record(&r);
  edit.record.name = text("ann");
  assert_int_equal(store_alter(&domain, edit), STORE_NO_USER);
  edit = (struct store_edit){ .record = user("joe", "a:b"), .fields = STORE_QUOTA };
  assert_int_equal(store_alter(&domain, edit), STORE_UNFIT);
  expect_record(&r);
}

static void a_hash_is_made_anew_only_where_it_is_the_old_one(void **state)
{
  (void)state;
  assert_int_equal(add("joe"), STORE_DONE);
  struct vpasswd r = user("joe", "q");
  struct store_edit edit = { .record = { .name = text("joe"), .hash = text("new"), .clear = text("H") }, .fields = STORE_REHASH };
  assert_int_equal(store_alter(&domain, edit), STORE_DONE);
  expect_record(&r);
  edit.record.clear = text("h");
  edit.record.hash = text("a:b");
  assert_int_equal(store_alter(&domain, edit), STORE_UNFIT);
  expect_record(&r);
  edit.record.hash = r.hash = text("new");
  assert_int_equal(store_alter(&domain, edit), STORE_DONE);
  expect_record(&r);
  edit.record.name = text("ann");
  assert_int_equal(store_alter(&domain, edit), STORE_NO_USER);
}

static void all_are_altered_at_once(void **state)
{
  (void)state;
  assert_true(add("joe") == STORE_DONE && add("ann") == STORE_DONE);
  assert_int_equal(store_alter(&domain, (struct store_edit){ .record = user("", "9S"), .fields = STORE_QUOTA }), STORE_DONE);
  assert_true(find("joe", "9S") == STORE_DONE && find("ann", "9S") == STORE_DONE);
}

static void a_clear_password_is_kept_with_its_colons(void **state)
{
  (void)state;
  struct vpasswd r = user("joe", "q");
  r.has_clear = true;
  r.clear = text("a:b 'c\" \\d;--");
  assert_int_equal(store_add(&domain, &r), STORE_DONE);
  expect_record(&r);
  assert_int_equal(store_alter(&domain, (struct store_edit){ .record = user("joe", ""), .fields = STORE_CLEAR }), STORE_DONE);
  r.clear = text("");
  expect_record(&r);
}

/* ---- removing ---- */

static void who_was_changed_is_not_removed(void **state)
{
  size_t culprit;
  (void)state;
  assert_int_equal(add("joe"), STORE_DONE);
  struct store_edit edit = { .deed = STORE_REMOVE, .record = user("joe", "other"), .fields = STORE_QUOTA };
  assert_int_equal(store_edit(&domain, &edit, 1, &culprit), STORE_NO_USER);
  stralloc space = STRALLOC_ZERO;
  assert_int_equal(store_find(&domain, &edit.record, &space, text("joe")), STORE_DONE);
  assert_int_equal(store_edit(&domain, &edit, 1, &culprit), STORE_DONE);
  assert_int_equal(find("joe", ""), STORE_NO_USER);
  stralloc_free(&space);
}

/* ---- words that mean something to a server ---- */

static char const *const injections[] = {
  "'", "\"", "`", "\\", "\\'", "%", "_", "x' OR '1'='1", "x\" OR \"1\"=\"1", "'; DROP TABLE vpopmail; --", "x'/*", "joe' --", "joe'#",
  "$1", "$$", "?", "joe ", " joe", "jo%", "j\xc3\xb3" "e", "\xff", "NULL", "0x41", "');--"
};

static void no_name_is_a_statement(void **state)
{
  (void)state;
  assert_true(add("joe") == STORE_DONE && add("ann") == STORE_DONE);
  for (size_t i = 0; i < sizeof injections / sizeof *injections; i++) {
    assert_int_equal(find(injections[i], ""), STORE_NO_USER);
    assert_int_equal(store_remove(&domain, text(injections[i])), STORE_NO_USER);
  }
  expect_users("ann joe ");
}

static void no_value_is_a_statement(void **state)
{
  (void)state;
  assert_int_equal(add("ann"), STORE_DONE);
  for (size_t i = 0; i < sizeof injections / sizeof *injections; i++) {
    struct field const value = text(injections[i]);
    struct vpasswd r = { .name = text("joe"), .hash = value, .uid = 1, .comment = value, .dir = value, .quota = text("'; --"), .clear = value, .has_clear = true };
    enum store_result added = store_add(&domain, &r);
    if (injections[i][0] == '\xff' && added == STORE_UNFIT) continue;      /* of a column that takes UTF-8 alone */
    assert_int_equal(added, STORE_DONE);
    expect_record(&r);
    assert_int_equal(store_change(&domain, &r), STORE_DONE);
    assert_int_equal(store_alter(&domain, (struct store_edit){ .record = r, .fields = STORE_HASH | STORE_COMMENT | STORE_CLEAR }), STORE_DONE);
    expect_record(&r);
    expect_users("ann joe ");
    assert_int_equal(store_remove(&domain, r.name), STORE_DONE);
  }
  assert_int_equal(find("ann", "q"), STORE_DONE);
}

/* ---- many at once ---- */

static int adds(int who)
{
  char name[16];
  for (int i = 0; i < 5; i++) {
    snprintf(name, sizeof name, "u%d-%d", who, i);
    if (add(name) != STORE_DONE) return 1;
    if (find(name, "q") != STORE_DONE) return 2;
  }
  return 0;
}

static void twenty_at_once(void **state)
{
  int status, users = 0;
  (void)state;
  for (int i = 0; i < 20; i++) {
    pid_t pid = fork();
    assert_true(pid != -1);
    if (!pid) _exit(adds(i));
  }
  for (int i = 0; i < 20; i++) {
    assert_true(wait(&status) != -1);
    assert_int_equal(status, 0);
  }
  assert_int_equal(store_list(&domain, count, &users), STORE_DONE);
  assert_int_equal(users, 100);
}

/* ---- many ---- */

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct store_edit *many_edits(size_t n)
{
  struct store_edit *edits = calloc(n, sizeof *edits);
  char (*names)[32] = calloc(n, sizeof *names);
  assert_true(edits && names);
  for (size_t i = 0; i < n; i++) {
    snprintf(names[i], sizeof names[i], "user%07zu", i * 7919 % n);
    edits[i] = (struct store_edit){ .deed = STORE_ADD, .record = user(names[i], "10485760S") };
    edits[i].record.hash = text("$6$abcdefgh$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN"
                                ".Pq.H91p5hVO1");
    edits[i].record.dir = text("/home/vpopmail/domains/example.net/0/user0000000");
  }
  return edits;
}

static void many_users(void **state)
{
  char const *wanted = getenv("STORE_USERS");
  size_t const n = wanted ? strtoul(wanted, 0, 10) : 5000;
  struct store_edit *edits = many_edits(n);
  size_t culprit;
  int users = 0;
  (void)state;
  double t = seconds();
  assert_int_equal(store_edit(&domain, edits, n, &culprit), STORE_DONE);
  double bulk = seconds() - t;
  t = seconds();
  assert_int_equal(add("one-more"), STORE_DONE);
  double one = seconds() - t;
  t = seconds();
  for (int i = 0; i < 1000; i++) assert_int_equal(find("user0000007", "10485760S"), STORE_DONE);
  double thousand = seconds() - t;
  t = seconds();
  assert_int_equal(store_list(&domain, count, &users), STORE_DONE);
  double listed = seconds() - t;
  assert_int_equal(users, n + 1);
  print_message("%zu users: in bulk %.1f us each, one more %.0f ms, found in %.1f us, all listed in %.0f ms\n", n,
                1e6 * bulk / (double)n, 1e3 * one, 1e3 * thousand, 1e3 * listed);
  free((void *)edits[0].record.name.s);
  free(edits);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test_setup_teardown(one_after_the_other, enter, place_leave),
    cmocka_unit_test_setup_teardown(all_or_nothing, enter, place_leave),
    cmocka_unit_test_setup_teardown(what_is_altered_is_that_alone, enter, place_leave),
    cmocka_unit_test_setup_teardown(a_hash_is_made_anew_only_where_it_is_the_old_one, enter, place_leave),
    cmocka_unit_test_setup_teardown(all_are_altered_at_once, enter, place_leave),
    cmocka_unit_test_setup_teardown(a_clear_password_is_kept_with_its_colons, enter, place_leave),
    cmocka_unit_test_setup_teardown(who_was_changed_is_not_removed, enter, place_leave),
    cmocka_unit_test_setup_teardown(no_name_is_a_statement, enter, place_leave),
    cmocka_unit_test_setup_teardown(no_value_is_a_statement, enter, place_leave),
    cmocka_unit_test_setup_teardown(twenty_at_once, enter, place_leave),
    cmocka_unit_test_setup_teardown(many_users, enter, place_leave),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
