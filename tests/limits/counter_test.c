#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "counter.h"
#include "kept.h"

enum { T = 494000 * 3600 };

static struct usages usages, others;
static struct counter counter = { .usages = &usages };
static struct debts one, two;
static struct limit_answer a;
static char text[COUNTER_TEXT_MAX];
static int reached;

static void count_reached(char const *s, size_t len)
{
  (void)s, (void)len;
  reached++;
}

static int empty(void **state)
{
  (void)state;
  memset(&usages, 0, sizeof usages);
  memset(&others, 0, sizeof others);
  one.count = two.count = 0;
  reached = 0;
  counter.reached = count_reached;
  return 0;
}

static void site(char const *lines)
{
  assert_true(limit_set_read(&counter.set, lines, strlen(lines), 0));
}

static enum limit_said ask(struct debts *d, struct limit_question q, uint64_t t)
{
  counter_answer(&counter, &a, d, &q, t, text);
  return a.said;
}

static struct limit_question of(enum limit_verb verb, char const *address, char const *login, char const *domain)
{
  return (struct limit_question){ .verb = verb, .class = { "", 0 }, .address = field_of(address), .login = field_of(login), .domain = field_of(domain) };
}

static struct limit_question joe(uint32_t messages, uint32_t recipients, uint32_t wanted)
{
  struct limit_question q = of(LIMIT_SEND, "192.0.2.7", "joe@example.net", "example.net");
  q.messages = messages, q.recipients = recipients, q.wanted = wanted;
  return q;
}

static bool text_is(char const *s)
{
  return field_is(a.text, s);
}

/* ---- which line speaks ---- */

static struct limit_question of_class(char const *class)
{
  struct limit_question q = of(LIMIT_CONNECT, "192.0.2.7", "", "");
  q.class = field_of(class);
  return q;
}

static void the_line_of_the_fewest_wins(void **state)
{
  struct limits l;
  struct address_name n;
  (void)state;
  site("address 192.0.2.7 messages 1/hour\naddress messages 4/hour\naddress 192.0.2.0/24 messages 2/hour\naddress 192.0.0.0/16 messages 3/hour\n"
       "address 198.51.100.0/24 free\nlogin messages 5/hour\nlogin @example.net messages 6/hour\nlogin JOE@example.net messages 7/hour\nweb: address messages 8/hour\n");
  struct { char const *address; uint32_t most; } const addresses[] = {
    { "192.0.2.7", 1 }, { "192.0.2.8", 2 }, { "192.0.3.8", 3 }, { "10.0.0.1", 4 }, { "2001:db8::1", 4 }, { "198.51.100.1", 0 }
  };
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    assert_true(counter_address(&n, field_of(addresses[i].address)));
    struct limited const who = { LIMIT_ADDRESS, { n.text, n.len }, &n.network };
    assert_int_equal(limit_set_find(&counter.set, &l, field_of(""), &who), addresses[i].most != 0);
    assert_int_equal(l.most[LIMIT_MESSAGES][LIMIT_HOUR], addresses[i].most);
  }
  struct { char const *login; uint32_t most; } const logins[] = { { "joe", 5 }, { "ann@example.net", 6 }, { "joe@EXAMPLE.net", 7 }, { "joe@example.org", 5 } };
  for (size_t i = 0; i < sizeof logins / sizeof *logins; i++) {
    struct limited const who = { LIMIT_LOGIN, field_of(logins[i].login), 0 };
    assert_true(limit_set_find(&counter.set, &l, field_of("unknown"), &who));
    assert_int_equal(l.most[LIMIT_MESSAGES][LIMIT_HOUR], logins[i].most);
  }
  ask(&one, of_class("web"), T);
  assert_int_equal(a.messages, 2);
  ask(&one, of_class("nobody"), T);
  assert_int_equal(a.messages, 1);
}

/* ---- what is granted ---- */

static void who_has_no_limit_is_granted_all_and_not_remembered(void **state)
{
  enum limit_subject subject;
  size_t at = 0;
  (void)state;
  site("domain example.org messages 1/day\n");
  assert_int_equal(ask(&one, of(LIMIT_CONNECT, "192.0.2.7", "", ""), T), LIMIT_GRANTED);
  assert_int_equal(ask(&one, joe(0, 0, 1), T), LIMIT_GRANTED);
  assert_true(a.messages == LIMIT_ALL && a.recipients == LIMIT_ALL && !a.by_domain);
  assert_int_equal(ask(&one, of(LIMIT_CONNECT, "unknown", "", ""), T), LIMIT_GRANTED);
  assert_null(usage_next(&usages, &subject, &at));
}

static void grants_of_two_sessions_are_never_more_than_there_is(void **state)
{
  (void)state;
  site("login messages 10/hour\n");
  uint32_t granted = 0;
  struct debts all[20] = { { .count = 0 } };
  size_t i = 0;
  while (i < 20 && ask(all + i++, joe(0, 0, 1), T) == LIMIT_GRANTED) granted += a.messages;
  assert_int_equal(granted, 10);
  assert_true(text_is("joe@example.net: messages 10/hour") && a.seconds > 3600 - 1 && reached == 1);
  for (size_t j = 0; j < i; j++) counter_settle(all + j, 0, 0, T);
  assert_int_equal(ask(&one, joe(0, 0, 1), T), LIMIT_GRANTED);
  assert_int_equal(a.messages, 2);
}

static void what_was_used_counts(void **state)
{
  (void)state;
  site("login messages 100/hour\nlogin recipients 30/hour\n");
  ask(&one, joe(0, 0, 1), T);
  assert_true(a.messages == 25 && a.recipients == 7 && a.seconds == GRANT_SECONDS);
  ask(&one, joe(3, 20, 1), T);        /* more than was granted: so many there were */
  assert_true(a.messages == 24 && a.recipients == 2);
  ask(&one, joe(1, 5, 5), T);
  assert_true(a.recipients == 5);
  assert_int_equal(ask(&one, joe(0, 4, 2), T), LIMIT_MUST_WAIT);
  assert_true(text_is("joe@example.net: recipients 30/hour"));
  assert_int_equal(ask(&one, joe(0, 0, 1), T), LIMIT_GRANTED);
  assert_int_equal(ask(&one, joe(0, 1, 1), T), LIMIT_MUST_WAIT);
  uint32_t wait = a.seconds;
  assert_int_equal(ask(&one, joe(0, 0, 1), (uint64_t)T + wait - 1), LIMIT_MUST_WAIT);
  assert_int_equal(ask(&one, joe(0, 0, 1), (uint64_t)T + wait), LIMIT_GRANTED);
}

static void a_message_for_more_than_there_can_be(void **state)
{
  (void)state;
  site("login recipients 30/day\n");
  assert_int_equal(ask(&one, joe(0, 0, 30), T), LIMIT_GRANTED);
  assert_int_equal(a.recipients, 30);
  assert_int_equal(ask(&one, joe(0, 0, 31), T), LIMIT_MUST_WAIT);
  assert_true(a.seconds >= 1 && text_is("joe@example.net: recipients 30/day"));
}

static void a_domain_counts_for_all_its_logins(void **state)
{
  struct limit_question ann = of(LIMIT_SEND, "192.0.2.8", "ann@example.net", "Example.NET");
  (void)state;
  site("login messages 10/hour\ndomain messages 3/hour\n");
  ask(&one, joe(0, 0, 1), T);
  assert_true(a.by_domain && a.messages == 1);
  ask(&one, joe(1, 1, 1), T);
  ask(&one, joe(1, 1, 1), T);
  ask(&one, joe(0, 0, 1), T);
  assert_int_equal(ask(&two, ann, T), LIMIT_MUST_WAIT);
  assert_true(text_is("Example.NET: messages 3/hour"));
  ann.domain = field_of("example.org");
  assert_int_equal(ask(&two, ann, T), LIMIT_GRANTED);
}

static void connections(void **state)
{
  (void)state;
  site("address connections 2/minute\n");
  assert_int_equal(ask(&one, of(LIMIT_CONNECT, "2001:db8:1:2::1", "", ""), T), LIMIT_GRANTED);
  assert_int_equal(ask(&one, of(LIMIT_CONNECT, "2001:db8:1:2:3::1", "", ""), T), LIMIT_GRANTED);
  assert_int_equal(ask(&one, of(LIMIT_SEND, "2001:db8:1:2:3::1", "", ""), T), LIMIT_GRANTED);
  assert_int_equal(ask(&one, of(LIMIT_CONNECT, "2001:db8:1:2:ffff::", "", ""), T), LIMIT_MUST_WAIT);
  assert_true(text_is("2001:db8:1:2::/64: connections 2/minute"));
  assert_int_equal(ask(&one, of(LIMIT_CONNECT, "2001:db8:1:3::1", "", ""), T), LIMIT_GRANTED);
}

/* ---- looking ---- */

static void those_who_are_near(void **state)
{
  char list[65536];
  (void)state;
  site("login messages 8/hour\nlogin messages 100/day\n");
  ask(&one, joe(5, 5, 1), T);
  counter_settle(&one, 5, 5, T);
  assert_int_equal(counter_list(&counter, list, sizeof list, T), 0);
  ask(&one, joe(0, 0, 1), T);
  list[counter_list(&counter, list, sizeof list, T)] = 0;
  assert_string_equal(list, "login joe@example.net messages 6 of 8/hour wait 0\n");
  ask(&one, joe(3, 3, 1), T);
  list[counter_list(&counter, list, sizeof list, T)] = 0;
  assert_string_equal(list, "login joe@example.net messages 8 of 8/hour wait 4050\n");
  assert_int_equal(counter_clear(&counter, field_of("ann")), 0);
  assert_int_equal(counter_clear(&counter, field_of("JOE@example.net")), 1);
  assert_int_equal(counter_list(&counter, list, sizeof list, T), 0);
  counter_settle(&one, 0, 0, T);      /* of somebody who is forgotten */
  assert_int_equal(counter_clear(&counter, field_of("")), 0);
}

/* ---- many ---- */

static void a_flood_of_names_forgets_nobody_who_has_done_much(void **state)
{
  char address[40];
  (void)state;
  site("address messages 100/hour\naddress connections 100000/day\n");
  struct limit_question q = of(LIMIT_CONNECT, "192.0.2.7", "", "");
  for (int i = 0; i < 50; i++) ask(&one, q, T);
  for (uint32_t i = 0; i < 100000; i++) {
    sprintf(address, "10.%u.%u.%u", (unsigned)(i >> 16), (unsigned)(i >> 8 & 255), (unsigned)(i & 255));
    ask(&two, of(LIMIT_CONNECT, address, "", ""), T);
    counter_settle(&two, 0, 0, T);
  }
  struct usage *u = usage_find(&usages, LIMIT_ADDRESS, field_of("192.0.2.7"));
  assert_non_null(u);
  assert_int_equal(window_count(&u->windows[LIMIT_CONNECTIONS][LIMIT_DAY], T, 86400), 50);
}

static void a_name_that_is_too_long_is_not_counted(void **state)
{
  char login[400];
  (void)state;
  site("login messages 1/hour\n");
  memset(login, 'a', sizeof login - 1);
  login[sizeof login - 1] = 0;
  for (int i = 0; i < 3; i++) assert_int_equal(ask(&one, of(LIMIT_SEND, "", login, ""), T), LIMIT_GRANTED);
}

/* ---- over a restart ---- */

static void what_is_kept_is_what_there_was(void **state)
{
  char line[KEPT_LINES_MAX];
  enum limit_subject subject;
  size_t at = 0, len;
  (void)state;
  site("login messages 8/hour\ndomain recipients 9/day\naddress connections 5/minute\n");
  ask(&one, joe(0, 0, 1), T - 1800);
  ask(&one, joe(3, 7, 1), T);
  ask(&two, of(LIMIT_CONNECT, "2001:db8::1", "", ""), T);
  for (struct usage *u; (u = usage_next(&usages, &subject, &at));) {
    assert_true((len = kept_line(line, subject, u, T)) > 0 && line[len - 1] == '\n');
    assert_true(kept_read(&others, line, len - 1, T));
    struct usage *same = usage_find(&others, subject, (struct field){ u->name, u->name_len });
    assert_non_null(same);
    for (int w = 0; w < LIMIT_WHATS; w++)
      for (int p = 0; p < LIMIT_PERIODS; p++)
        assert_int_equal(window_count(&same->windows[w][p], T, limit_seconds[p]), window_count(&u->windows[w][p], T, limit_seconds[p]));
    assert_int_equal(kept_line(line, subject, u, (uint64_t)T + 3 * 86400), 0);
  }
}

static void what_is_no_line_counts_nothing(void **state)
{
  char const *const lines[] = { "", "login", "logins joe 0 0 1 1 1", "login joe 0 0 1 1", "login joe 3 0 1 1 1", "login joe 0 3 1 1 1", "login joe 0 0 x 1 1" };
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) assert_false(kept_read(&others, lines[i], strlen(lines[i]), T));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test_setup(the_line_of_the_fewest_wins, empty),
    cmocka_unit_test_setup(who_has_no_limit_is_granted_all_and_not_remembered, empty),
    cmocka_unit_test_setup(grants_of_two_sessions_are_never_more_than_there_is, empty),
    cmocka_unit_test_setup(what_was_used_counts, empty),
    cmocka_unit_test_setup(a_message_for_more_than_there_can_be, empty),
    cmocka_unit_test_setup(a_domain_counts_for_all_its_logins, empty),
    cmocka_unit_test_setup(connections, empty),
    cmocka_unit_test_setup(those_who_are_near, empty),
    cmocka_unit_test_setup(a_flood_of_names_forgets_nobody_who_has_done_much, empty),
    cmocka_unit_test_setup(a_name_that_is_too_long_is_not_counted, empty),
    cmocka_unit_test_setup(what_is_kept_is_what_there_was, empty),
    cmocka_unit_test_setup(what_is_no_line_counts_nothing, empty)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
