/* Tokens: whose they are, until when, and that they are shared and bounded. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tokens.h"

static struct field const joe = { "joe", 3 }, net = { "example.net", 11 }, hash = { "$y$x", 4 };

/* Each of another user. */
static struct field made_of_many(char text[TOKEN_TEXT], size_t i, int64_t now)
{
  char name[8];
  int len = snprintf(name, sizeof name, "u%zu", i);
  assert_true(token_make(text, (struct field){ name, (size_t)len }, net, hash, now));
  return (struct field){ text, TOKEN_TEXT };
}

static struct field made(char text[TOKEN_TEXT], int64_t now)
{
  assert_true(token_make(text, joe, net, hash, now));
  return (struct field){ text, TOKEN_TEXT };
}

static void without_a_table_there_are_none(void **state)
{
  char text[TOKEN_TEXT] = "0123456789abcdef0123456789abcdef";
  struct token_owner owner;
  (void)state;
  assert_false(token_make(text, joe, net, hash, 1));
  assert_false(token_find(&owner, (struct field){ text, TOKEN_TEXT }, 1));
  assert_false(token_forget((struct field){ text, TOKEN_TEXT }));
  assert_true(tokens_share());
}

static void it_is_its_owners(void **state)
{
  char one[TOKEN_TEXT], other[TOKEN_TEXT];
  struct token_owner owner;
  (void)state;
  struct field t = made(one, 0);
  made(other, 0);
  assert_memory_not_equal(one, other, TOKEN_TEXT);
  assert_true(token_find(&owner, t, 5));
  assert_int_equal(owner.len, 15);
  assert_memory_equal(owner.name, "joe@example.net", 15);
  assert_true(token_is_good(&owner, hash));
  assert_false(token_is_good(&owner, (struct field){ "$y$z", 4 }));
  assert_false(token_is_good(&owner, (struct field){ "", 0 }));
  assert_false(token_find(&owner, (struct field){ one, TOKEN_TEXT - 1 }, 5));
  assert_false(token_find(&owner, (struct field){ "", 0 }, 5));
  one[0] ^= 1;
  assert_false(token_find(&owner, t, 5));
  one[0] ^= 1;
  assert_true(token_forget(t));
  assert_false(token_forget(t));
  assert_false(token_find(&owner, t, 5));
}

static void its_time_is_bounded(void **state)
{
  char text[TOKEN_TEXT];
  struct token_owner owner;
  (void)state;
  struct field t = made(text, 1000);
  assert_true(token_find(&owner, t, 1000 + TOKEN_IDLE_MS - 1));
  assert_true(token_find(&owner, t, 1000 + 2 * TOKEN_IDLE_MS - 2));
  assert_false(token_find(&owner, t, 1000 + 3 * TOKEN_IDLE_MS - 2));
  t = made(text, 1000);
  int64_t now = 1000;
  while ((now += TOKEN_IDLE_MS / 2) < 1000 + TOKEN_LIFE_MS) assert_true(token_find(&owner, t, now));
  assert_false(token_find(&owner, t, 1000 + TOKEN_LIFE_MS));
}

static void too_many_push_out_the_oldest(void **state)
{
  static char texts[TOKENS_MAX + 1][TOKEN_TEXT];
  struct token_owner owner;
  (void)state;
  for (size_t i = 0; i <= TOKENS_MAX; i++) made_of_many(texts[i], i, 50000000 + (int64_t)i);
  assert_false(token_find(&owner, (struct field){ texts[0], TOKEN_TEXT }, 50010000));
  for (size_t i = 1; i <= TOKENS_MAX; i++) assert_true(token_find(&owner, (struct field){ texts[i], TOKEN_TEXT }, 50010000));
}

/* Who logs in again and again pushes out his own. */
static void one_user_leaves_room_for_the_others(void **state)
{
  char text[TOKEN_TEXT], other[TOKEN_TEXT];
  struct token_owner owner;
  int64_t const now = 60000000;
  (void)state;
  assert_true(token_make(other, (struct field){ "ann", 3 }, net, hash, now));
  for (int i = 0; i < 2 * TOKENS_MAX; i++) made(text, now + 1 + i / 100);
  assert_true(token_find(&owner, (struct field){ other, TOKEN_TEXT }, now + 100));
  assert_memory_equal(owner.name, "ann@", 4);
  assert_true(token_find(&owner, (struct field){ text, TOKEN_TEXT }, now + 100));
}

static void a_name_has_a_bound(void **state)
{
  char text[TOKEN_TEXT], name[TOKEN_NAME_MAX];
  struct token_owner owner;
  (void)state;
  memset(name, 'a', sizeof name);
  assert_true(token_make(text, (struct field){ name, TOKEN_NAME_MAX - 1 - net.len }, net, hash, 90000000));
  assert_true(token_find(&owner, (struct field){ text, TOKEN_TEXT }, 90000000) && owner.len == TOKEN_NAME_MAX);
  assert_false(token_make(text, (struct field){ name, TOKEN_NAME_MAX - net.len }, net, hash, 90000000));
  assert_false(token_make(text, (struct field){ name, 0 }, net, hash, 90000000));
}

/* What one worker gives another one takes, and twenty at once lose none. */
static void it_is_shared(void **state)
{
  enum { CHILDREN = 20, EACH = 50 };
  char texts[CHILDREN * EACH][TOKEN_TEXT];
  int ends[2];
  struct token_owner owner;
  (void)state;
  assert_int_equal(pipe(ends), 0);
  for (int i = 0; i < CHILDREN; i++) {
    if (fork()) continue;
    for (int j = 0; j < EACH; j++) {
      char text[TOKEN_TEXT];
      if (!token_make(text, (struct field){ "abcdefghijklmnopqrst", (size_t)i + 1 }, net, hash, 99000000) || write(ends[1], text, sizeof text) != sizeof text) _exit(1);
    }
    _exit(0);
  }
  for (int i = 0; i < CHILDREN * EACH; i++) assert_int_equal(read(ends[0], texts[i], TOKEN_TEXT), TOKEN_TEXT);
  for (int i = 0; i < CHILDREN; i++) assert_true(wait(0) > 0);
  for (int i = 0; i < CHILDREN * EACH; i++) assert_true(token_find(&owner, (struct field){ texts[i], TOKEN_TEXT }, 99000001));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(without_a_table_there_are_none), cmocka_unit_test(it_is_its_owners), cmocka_unit_test(its_time_is_bounded),
    cmocka_unit_test(too_many_push_out_the_oldest), cmocka_unit_test(one_user_leaves_room_for_the_others), cmocka_unit_test(a_name_has_a_bound), cmocka_unit_test(it_is_shared),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
