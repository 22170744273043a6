#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "auth_wire.h"

static struct field of(char const *s)
{
  return (struct field){ s, strlen(s) };
}

static void there_and_back(void **state)
{
  static char bytes[AUTH_ANSWER_MAX];
  struct auth_question const q = { AUTH_HAS_FAILED, USERS_SMTP, of("joe"), of("se:cret,"), of(""), of("192.0.2.7"), of("::1") };
  struct auth_answer const a = { AUTH_MUST_WAIT, 3600, of("joe@example.net"), of("a\nb\n") };
  struct auth_question q2;
  struct auth_answer a2;
  (void)state;
  size_t len = auth_question_pack(bytes, &q);
  for (size_t i = 0; i < len; i++) assert_int_equal(auth_question_unpack(&q2, bytes, i), 0);
  assert_int_equal(auth_question_unpack(&q2, bytes, len), len);
  assert_true(q2.verb == q.verb && q2.access == q.access && q2.secret.len == 8 && !memcmp(q2.secret.s, "se:cret,", 8));
  len = auth_answer_pack(bytes, &a);
  assert_int_equal(auth_answer_unpack(&a2, bytes, len), len);
  assert_true(a2.said == a.said && a2.seconds == 3600 && a2.login.len == 15 && a2.text.len == 4);
}

static void nothing_else(void **state)
{
  char const *const questions[] = {
    "30:5:guess,4:smtp,0:,0:,0:,0:,0:,,", "32:8:password,3:ftp,0:,0:,0:,0:,0:,,", "3:0:,,", "x", "0:,", "4097:"
  };
  char const *const answers[] = { "16:3:yes,1:0,0:,0:,,", "20:6:let in,2:00,0:,0:,,", "0:,", "-1:,", "65537:" };
  struct auth_question q;
  struct auth_answer a;
  (void)state;
  for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
    assert_int_equal(auth_question_unpack(&q, questions[i], strlen(questions[i])), -1);
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
    assert_int_equal(auth_answer_unpack(&a, answers[i], strlen(answers[i])), -1);
}

static void too_long(void **state)
{
  static char bytes[AUTH_QUESTION_MAX], long_text[AUTH_QUESTION_MAX];
  struct auth_question const q = { .secret = { long_text, sizeof long_text } };
  (void)state;
  assert_int_equal(auth_question_pack(bytes, &q), 0);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(there_and_back), cmocka_unit_test(nothing_else), cmocka_unit_test(too_long) };
  return cmocka_run_group_tests(tests, 0, 0);
}
