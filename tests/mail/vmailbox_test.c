/* Whose mailbox an address is, with extensions and without. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "vmailbox.h"

static char const *const users[] = { "joe", "joe-x", "a-b-c", "-", 0 };
static char long_user[65];      /* 64 bytes */

static enum store_result find(struct store_domain const *domain, struct vpasswd *record, stralloc *space, struct field name)
{
  assert_int_equal(domain->age, STORE_AS_IT_WAS);
  if (!bytes_setb(space, name.s, name.len)) return STORE_TROUBLE;
  *record = (struct vpasswd){ .name = { space->s, space->len } };
  for (size_t i = 0; users[i]; i++)
    if (strlen(users[i]) == name.len && !memcmp(users[i], name.s, name.len)) return STORE_DONE;
  return name.len == 64 && !memcmp(long_user, name.s, 64) ? STORE_DONE : STORE_NO_USER;
}

/* A server that is away: joe was there lately. */
static enum store_result find_away(struct store_domain const *domain, struct vpasswd *record, stralloc *space, struct field name)
{
  return find(domain, record, space, name) == STORE_DONE ? STORE_LATELY : STORE_TROUBLE;
}

static struct store const away = { .name = "away", .find = find_away };
static struct store const some = { .name = "some", .find = find };
static struct store_domain const domain = { "example.net", -1, &some, STORE_AS_IT_IS };

static bool with_extensions(struct vrules *rules, void *with)
{
  rules->extensions = with;
  return true;
}

static bool nobody_knows(struct vrules *rules, void *with)
{
  (void)rules;
  (void)with;
  return false;
}

static struct { char const *name, *user, *extension; bool exact; } const names[] = {
  { "joe", "joe", 0, true },
  { "joe-x", "joe-x", 0, true },
  { "joe-y", "joe", "y", false },
  { "joe-x-y", "joe-x", "y", false },
  { "joe-", "joe", "", false },
  { "a-b-c-d-e", "a-b-c", "d-e", false },
  { "a-b", 0, 0, false },
  { "-joe", 0, 0, false },
  { "--x", "-", "x", false },
  { "jane", 0, 0, false },
};

static void names_are_found(void **state)
{
  (void)state;
  struct vmailbox box = VMAILBOX_ZERO;
  static char yes[1];
  for (size_t i = 0; i < 2 * (sizeof names / sizeof *names); i++) {
    bool extensions = i & 1;
    struct vmailbox_rules rules = { with_extensions, extensions ? yes : 0 };
    enum store_result r = vmailbox_find(&box, &domain, &rules, names[i / 2].name);
    bool found = names[i / 2].user && (names[i / 2].exact || extensions);
    if (r != (found ? STORE_DONE : STORE_NO_USER)) fail_msg("%s: %d", names[i / 2].name, (int)r);
    if (!found) continue;
    assert_int_equal(box.record.name.len, strlen(names[i / 2].user));
    assert_memory_equal(box.record.name.s, names[i / 2].user, box.record.name.len);
    if (names[i / 2].extension) assert_string_equal(box.extension, names[i / 2].extension);
    else assert_null(box.extension);
  }
  stralloc_free(&box.space);
}

/* Of an extension nobody can tell: a user of that very name may have come. */
static void who_was_there_lately_is_there(void **state)
{
  (void)state;
  static char yes[1];
  struct vmailbox box = VMAILBOX_ZERO;
  struct vmailbox_rules rules = { with_extensions, yes };
  struct store_domain const table = { "example.net", -1, &away, STORE_AS_IT_IS };
  assert_int_equal(vmailbox_find(&box, &domain, &rules, "joe"), STORE_DONE);
  assert_false(box.is_old);
  assert_int_equal(vmailbox_find(&box, &table, &rules, "joe"), STORE_DONE);
  assert_true(box.is_old);
  assert_int_equal(vmailbox_find(&box, &table, &rules, "joe-y"), STORE_TROUBLE);
  assert_int_equal(vmailbox_find(&box, &table, &rules, "jane"), STORE_TROUBLE);
  stralloc_free(&box.space);
}

static void long_names_are_nobodys(void **state)
{
  (void)state;
  struct vmailbox box = VMAILBOX_ZERO;
  static char name[3000], yes[1];
  struct vmailbox_rules rules = { with_extensions, yes };
  memset(long_user, 'u', 64);
  memset(name, 'u', 2999);
  assert_int_equal(vmailbox_find(&box, &domain, &rules, name), STORE_NO_USER);
  name[65] = '-';
  assert_int_equal(vmailbox_find(&box, &domain, &rules, name), STORE_NO_USER);
  name[64] = '-';
  assert_int_equal(vmailbox_find(&box, &domain, &rules, name), STORE_DONE);
  assert_string_equal(box.extension, name + 65);
  name[63] = '-';
  assert_int_equal(vmailbox_find(&box, &domain, &rules, name), STORE_NO_USER);
  stralloc_free(&box.space);
}

static void who_does_not_know_says_so(void **state)
{
  (void)state;
  struct vmailbox box = VMAILBOX_ZERO;
  struct vmailbox_rules rules = { nobody_knows, 0 };
  assert_int_equal(vmailbox_find(&box, &domain, &rules, "jane"), STORE_NO_USER);
  assert_int_equal(vmailbox_find(&box, &domain, &rules, "joe-y"), STORE_TROUBLE);
  stralloc_free(&box.space);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(names_are_found),
    cmocka_unit_test(who_was_there_lately_is_there),
    cmocka_unit_test(long_names_are_nobodys),
    cmocka_unit_test(who_does_not_know_says_so)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
