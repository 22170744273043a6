/* Who has been changed since the snapshot was begun is known, until it knows him. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "recent.h"

static bool has(char const *domain, char const *name)
{
  return recent_has(field_of(domain), field_of(name));
}

static void add(char const *domain, char const *name)
{
  recent_add(field_of(domain), field_of(name));
}

static void who_is_changed_is_known(void **state)
{
  (void)state;
  assert_true(recent_is_empty() && !has("a.example", "joe"));
  add("a.example", "Joe");
  assert_true(has("A.example", "joe") && !recent_is_empty());
  assert_false(has("a.example", "jo") || has("b.example", "joe") || has("a.exampl", "ejoe"));
  recent_forget(recent_now());
  assert_true(recent_is_empty() && !has("a.example", "joe"));
}

/* What is read meanwhile may not have it yet. */
static void a_change_under_way_is_not_forgotten(void **state)
{
  (void)state;
  recent_begin(3);
  add("a.example", "joe");
  recent_forget(recent_now());
  assert_true(has("a.example", "joe"));
  recent_end(3);
  uint64_t const before = recent_now();
  add("a.example", "ann");
  recent_forget(before);
  assert_true(has("a.example", "ann") && !has("a.example", "joe"));
  recent_forget(recent_now());
}

static void everybody_is_changed(void **state)
{
  (void)state;
  add("a.example", "");
  assert_true(has("a.example", "joe"));
  recent_forget(recent_now());
  assert_false(has("a.example", "joe"));
}

static void more_than_fit_are_all(void **state)
{
  char name[16];
  (void)state;
  for (int i = 0; i < RECENT_MAX; i++) {
    snprintf(name, sizeof name, "u%d", i);
    add("a.example", name);
  }
  assert_true(has("a.example", "u0") && has("a.example", name) && !has("a.example", "joe"));
  add("a.example", "one");
  assert_true(has("a.example", "joe"));
  recent_forget(recent_now());
  assert_false(has("a.example", "joe"));
}

static int start_anew(char const *path)
{
  return recent_share() && recent_keep(path);
}

/* Of those the memory was of another process, which has ended. */
static void the_next_start_knows_them(void **state)
{
  char path[] = "/tmp/recent.XXXXXX";
  (void)state;
  close(mkstemp(path));
  assert_true(start_anew(path) && recent_is_empty());
  add("a.example", "joe");
  uint64_t const before = recent_now();
  add("a.example", "ann");
  assert_true(start_anew(path) && has("a.example", "joe") && has("a.example", "ann") && !has("a.example", "jim"));
  recent_forget(before);
  assert_true(start_anew(path) && has("a.example", "ann") && !has("a.example", "joe"));
  recent_forget(recent_now());
  assert_true(start_anew(path) && recent_is_empty());
  for (int i = 0; i < RECENT_MAX + 9; i++) add("a.example", "joe");
  assert_true(start_anew(path) && has("a.example", "jim"));
  recent_forget(recent_now());
  assert_true(start_anew(path) && !has("a.example", "jim"));
  unlink(path);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(who_is_changed_is_known),
    cmocka_unit_test(a_change_under_way_is_not_forgotten),
    cmocka_unit_test(everybody_is_changed),
    cmocka_unit_test(more_than_fit_are_all),
    cmocka_unit_test(the_next_start_knows_them)
  };
  return !recent_share() || cmocka_run_group_tests(tests, 0, 0);
}
