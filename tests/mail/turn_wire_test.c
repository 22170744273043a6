/* Who calls for his mail: what is a list of domains, both ways over the wire, and whose mail it is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "turn_places.h"
#include "turn_wire.h"

static struct { char const *text; bool is_one; } const lists[] = {
  { "a.example", true }, { "a.example,B.example", true }, { "xn--bcher-kva.example", true },
  { "", false }, { ",", false }, { "a.example,", false }, { ",a.example", false }, { "a.example,,b.example", false }, { "a.example, b.example", false },
  { "a.example b.example", false }, { "@a.example", false }, { "#a", false }, { "a/../b", false }, { "..", false }, { "a\n", false }, { "a@b", false },
};

static void what_is_a_list(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    if (turn_domains_read(field_of(lists[i].text)) != lists[i].is_one) fail_msg("%s", lists[i].text);
}

static struct turn turn_of(char const *login, char const *domains, char const *client, bool secret)
{
  return (struct turn){ field_of(login), field_of(domains), field_of(client), secret };
}

static void over_the_wire(void **state)
{
  (void)state;
  struct turn const t = turn_of("joe@shop.example", "a.example,b.example", "2001:db8::1", true);
  struct turn again;
  char question[TURN_QUESTION_MAX];
  size_t len = turn_question_pack(question, &t);
  for (size_t i = 0; i < len; i++) assert_int_equal(turn_question_unpack(&again, question, i), 0);
  assert_int_equal(turn_question_unpack(&again, question, len), len);
  assert_true(field_same(again.login, t.login) && field_same(again.domains, t.domains) && field_same(again.client, t.client) && again.secret);
}

static void what_makes_no_sense(void **state)
{
  (void)state;
  static char longest[TURN_LOGIN_MAX + 2], list[TURN_DOMAINS_MAX + 2];
  struct turn const bad[] = {
    turn_of("", "", "", false), turn_of("joe", "a,,b", "", false), turn_of("joe", "", "192.0.2.1 x", false), turn_of("joe", "", "$(id)", false),
    turn_of(memset(longest, 'a', TURN_LOGIN_MAX + 1), "", "", false)
  };
  char question[TURN_QUESTION_MAX];
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_int_equal(turn_question_pack(question, bad + i), 0);
  longest[TURN_LOGIN_MAX] = 0;
  for (size_t i = 0; i < TURN_DOMAINS_MAX; i++) list[i] = i % 2 ? ',' : 'a';
  list[TURN_DOMAINS_MAX - 1] = 'b';
  assert_true(turn_question_pack(question, &(struct turn){ field_of(longest), field_of(list), field_of("192.0.2.1"), false }));
  list[TURN_DOMAINS_MAX] = 'c';
  assert_false(turn_domains_read(field_of(list)));
}

static struct { char const *words, *domains; int result; char const *hosts; } const places[] = {
  { "a.example", "", 1, "a.example " }, { "a.example b.example", "", 1, "a.example b.example " }, { "a.example b.example", "B.Example", 1, "b.example " },
  { "a.example b.example:a.example", "", 1, "a.example " }, { "a.example b.example:a.example", "b.example", 1, "a.example " },
  { "a.example:x a.example:y", "a.example", 1, "x y " }, { "a.example", "b.example", 0, "" }, { "a.example", "a.example,b.example", 0, "a.example " },
  { "a.example", "x.a.example", 0, "" }, { "", "", 0, "" }, { "a.example:../b", "", 0, "" }, { "a.example:.", "", 0, "" }, { "a.example:-b", "", 0, "" },
  { "a.example:", "", 0, "" }, { "a/b c.example", "", 1, "c.example " }, { "@a.example *", "a.example", 0, "" },
};

static size_t blanks(char const *s)
{
  size_t count = 0;
  for (; *s; s++) count += *s == ' ';
  return count;
}

static void whose_it_is(void **state)
{
  (void)state;
  stralloc hosts = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    int r = turn_places(&hosts, field_of(places[i].words), field_of(places[i].domains));
    assert_int_equal(turn_places_count(&hosts), blanks(places[i].hosts));
    for (size_t k = 0; k < hosts.len; k++) if (!hosts.s[k]) hosts.s[k] = ' ';
    if (r != places[i].result || hosts.len != strlen(places[i].hosts) || memcmp(hosts.s, places[i].hosts, hosts.len))
      fail_msg("%s, %s", places[i].words, places[i].domains);
  }
  stralloc_free(&hosts);
}

static void who_is_named(void **state)
{
  (void)state;
  assert_true(turn_place_is_named(field_of("a.example b.example:c"), "c"));
  assert_true(turn_place_is_named(field_of("a.example b.example:c"), "a.example"));
  assert_false(turn_place_is_named(field_of("a.example b.example:c"), "b.example"));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_is_a_list), cmocka_unit_test(over_the_wire), cmocka_unit_test(what_makes_no_sense),
    cmocka_unit_test(whose_it_is), cmocka_unit_test(who_is_named)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
