/* Calls for mail that waits: what is one, who may, and both ways over the wire. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "call_wire.h"

static struct { char const *text; bool is_one; } const texts[] = {
  { "example.net", true }, { "@example.net", true }, { "A-b_1.example", true }, { "localhost", true },
  { "xn--bcher-kva.example", true },
  { "", false }, { "@", false }, { "@@a", false }, { "#queue", false }, { ".a", false }, { "a.", false }, { "a..b", false },
  { "a b", false }, { "a@b", false }, { "b\xc3\xbc.example", false }, { "a/../b", false }, { "a\n", false }, { "[1.2.3.4]", false },
};

static void what_is_a_call(void **state)
{
  (void)state;
  struct call c;
  char longest[CALL_DOMAIN_MAX + 1];
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (call_read(&c, field_of(texts[i].text)) != texts[i].is_one) fail_msg("%s", texts[i].text);
  memset(longest, 'a', sizeof longest);
  assert_true(call_read(&c, (struct field){ longest, CALL_DOMAIN_MAX }));
  assert_false(call_read(&c, (struct field){ longest, CALL_DOMAIN_MAX + 1 }));
}

static struct { char const *call, *rules; bool allowed; } const allowed[] = {
  { "a.example", "a.example", true }, { "A.EXAMPLE", "b.example  a.Example", true }, { "a.example", "b.example", false },
  { "b.a.example", "a.example", false }, { "@a.example", "a.example", false }, { "@a.example", "@a.example", true },
  { "a.example", "@a.example", true }, { "b.a.example", "@a.example", true }, { "@b.a.example", "@a.example", true },
  { "ba.example", "@a.example", false }, { "a.example", "", false }, { "a.example", "* .", false },
};

static void who_may(void **state)
{
  (void)state;
  struct call c;
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
    assert_true(call_read(&c, field_of(allowed[i].call)));
    if (call_is_allowed(&c, field_of(allowed[i].rules)) != allowed[i].allowed) fail_msg("%s, %s", allowed[i].call, allowed[i].rules);
  }
}

static void over_the_wire(void **state)
{
  (void)state;
  struct call c, again;
  char request[CALL_REQUEST_MAX], answer[CALL_ANSWER_MAX];
  enum call_said said;
  uint32_t messages;
  assert_true(call_read(&c, field_of("@example.net")));
  size_t len = call_request_pack(request, &c);
  for (size_t i = 0; i < len; i++) assert_int_equal(call_request_unpack(&again, request, i), 0);
  assert_int_equal(call_request_unpack(&again, request, len), len);
  assert_true(again.below && field_is(again.domain, "example.net"));
  len = call_answer_pack(answer, CALL_DONE, UINT32_MAX);
  for (size_t i = 0; i < len; i++) assert_int_equal(call_answer_unpack(&said, &messages, answer, i), 0);
  assert_int_equal(call_answer_unpack(&said, &messages, answer, len), len);
  assert_true(said == CALL_DONE && messages == UINT32_MAX);
}

static char const *const nonsense[] = { "K", "K-1", "K 1", "X1", "K4294967296", "K99999999999", "Kx", "1" };

static void what_is_no_answer(void **state)
{
  (void)state;
  enum call_said said;
  uint32_t messages;
  char longer[CALL_ANSWER_MAX];
  for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
    assert_int_equal(call_answer_unpack(&said, &messages, nonsense[i], strlen(nonsense[i]) + 1), -1);
  assert_int_equal(call_answer_unpack(&said, &messages, "", 1), -1);
  memset(longer, '1', sizeof longer);
  assert_int_equal(call_answer_unpack(&said, &messages, longer, sizeof longer), -1);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_is_a_call), cmocka_unit_test(who_may), cmocka_unit_test(over_the_wire), cmocka_unit_test(what_is_no_answer)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
