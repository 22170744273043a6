#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "users_wire.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

static struct field text(char const *s)
{
  return (struct field){ s, strlen(s) };
}

static bool is(struct field f, char const *s)
{
  return f.len == strlen(s) && memcmp(f.s, s, f.len) == 0;
}

#define QUESTION "75:8:password,7:webmail,15:joe@example.net,6:a:b,cd,0:,8:10.0.0.1,9:127.0.0.1,,"
#define ANSWER "69:6:let in,2:89,2:90,10:4294967295,3:joe,11:example.net,11:/home/joe/a,,"

static void a_question_reads_as_it_was_asked(void **state)
{
  (void)state;
  char bytes[USERS_QUESTION_MAX];
  struct users_question q = {
    USERS_PASSWORD, USERS_WEBMAIL, text("joe@example.net"), text("a:b,cd"), text(""), text("10.0.0.1"), text("127.0.0.1"), false
  }, again;
  size_t len = users_question_pack(bytes, &q);
  assert_int_equal(len, strlen(QUESTION));
  assert_memory_equal(bytes, QUESTION, len);
  for (size_t i = 0; i < len; i++) assert_int_equal(users_question_unpack(&again, bytes, i), 0);
  assert_int_equal(users_question_unpack(&again, bytes, len), len);
  assert_true(again.verb == USERS_PASSWORD && again.access == USERS_WEBMAIL && is(again.name, "joe@example.net"));
  assert_true(is(again.secret, "a:b,cd") && is(again.challenge, "") && is(again.client_ip, "10.0.0.1"));
  assert_true(is(again.local_ip, "127.0.0.1"));
}

static void who_stays_says_so_in_front(void **state)
{
  (void)state;
  char bytes[USERS_QUESTION_MAX];
  struct users_question q = { .verb = USERS_WHO, .name = text("joe@example.net"), .stays = true }, again;
  size_t const len = users_question_pack(bytes, &q);
  assert_int_equal(bytes[0], '+');
  for (size_t i = 0; i < len; i++) assert_int_equal(users_question_unpack(&again, bytes, i), 0);
  assert_int_equal(users_question_unpack(&again, bytes, len), len);
  assert_true(again.stays && is(again.name, "joe@example.net"));
  assert_int_equal(users_question_unpack(&again, bytes + 1, len - 1), len - 1);
  assert_false(again.stays);
  assert_int_equal(users_question_unpack(&again, "++1:", 4), -1);
}

static void an_answer_reads_as_it_was_given(void **state)
{
  (void)state;
  char bytes[USERS_ANSWER_MAX];
  struct users_answer a = { SAID_LET_IN, 89, 90, UINT32_MAX, text("joe"), text("example.net"), text("/home/joe/a") }, again;
  size_t len = users_answer_pack(bytes, &a);
  assert_int_equal(len, strlen(ANSWER));
  assert_memory_equal(bytes, ANSWER, len);
  for (size_t i = 0; i < len; i++) assert_int_equal(users_answer_unpack(&again, bytes, i), 0);
  assert_int_equal(users_answer_unpack(&again, bytes, len), len);
  assert_true(again.said == SAID_LET_IN && again.uid == 89 && again.gid == 90 && again.flags == UINT32_MAX);
  assert_true(is(again.user, "joe") && is(again.domain, "example.net") && is(again.home, "/home/joe/a"));
}

static void each_verb_and_each_word_has_a_name(void **state)
{
  (void)state;
  char bytes[USERS_ANSWER_MAX];
  struct users_question q, q_again;
  struct users_answer a, a_again;
  for (int i = 0; i < USERS_VERBS; i++)
    for (int j = 0; j < USERS_ACCESSES; j++) {
      q = (struct users_question){ .verb = (enum users_verb)i, .access = (enum users_access)j };
      assert_true(users_question_unpack(&q_again, bytes, users_question_pack(bytes, &q)) > 0);
      assert_true((int)q_again.verb == i && (int)q_again.access == j);
    }
  for (int i = 0; i < SAID_WORDS; i++) {
    a = (struct users_answer){ .said = (enum users_said)i };
    assert_true(users_answer_unpack(&a_again, bytes, users_answer_pack(bytes, &a)) > 0);
    assert_int_equal(a_again.said, i);
  }
}

static void questions_are_bounded(void **state)
{
  (void)state;
  static char name[USERS_QUESTION_MAX + 1], bytes[USERS_QUESTION_MAX];
  struct users_question q = { .verb = USERS_WHO, .name = { name, 0 } }, again;
  memset(name, 'a', sizeof name);
  size_t const rest = users_question_pack(bytes, &q) + 3 + 2;      /* the digits that four figures have more than one, or two */
  q.name.len = USERS_QUESTION_MAX - rest;
  assert_int_equal(users_question_pack(bytes, &q), USERS_QUESTION_MAX);
  assert_int_equal(users_question_unpack(&again, bytes, USERS_QUESTION_MAX), USERS_QUESTION_MAX);
  assert_int_equal(again.name.len, q.name.len);
  q.stays = true;
  assert_int_equal(users_question_pack(bytes, &q), 0);
  q.name.len--;
  assert_int_equal(users_question_pack(bytes, &q), USERS_QUESTION_MAX);
  assert_int_equal(users_question_unpack(&again, bytes, USERS_QUESTION_MAX), USERS_QUESTION_MAX);
  q.stays = false;
  q.name.len += 2;
  assert_int_equal(users_question_pack(bytes, &q), 0);
  q.name.len = sizeof name;
  assert_int_equal(users_question_pack(bytes, &q), 0);
  q.name.len = (size_t)-1;
  assert_int_equal(users_question_pack(bytes, &q), 0);
}

/* Bytes that no netstring begins with, or one too long. */
static char const *const no_netstrings[] = { "x", ":", "1x", "01:", "0:x", "00", "4097:", "99999", "123456", "1:x;", "1:x," };

#define WHO "3:who,4:pop3,"
#define TROUBLE "7:trouble,1:0,1:0,"
static char const *const no_questions[] = {
  "", WHO "0:,0:,0:,0:,", WHO "0:,0:,0:,0:,0:,0:,", WHO "0:,0:,0:,0:,00:,", "3:whe,4:pop3,0:,0:,0:,0:,0:,",
  "3:who,4:pop4,0:,0:,0:,0:,0:,", WHO "0:,0:,0:,0:,1:,", WHO "0:,0:,0:,0:,9:,", WHO "0:,0:,0:,0:,0:x", WHO "0:,0:,0:,0:,0:,x"
};
static char const *const no_answers[] = {
  "", TROUBLE "2:00,0:,0:,0:,", "7:troubly,1:0,1:0,1:0,0:,0:,0:,", TROUBLE "0:,0:,0:,0:,", TROUBLE "2:01,0:,0:,0:,",
  TROUBLE "10:4294967296,0:,0:,0:,", TROUBLE "20:18446744073709551617,0:,0:,0:,", TROUBLE "2:-1,0:,0:,0:,", TROUBLE "1:x,0:,0:,0:,"
};

static size_t framed(char *to, char const *inside)
{
  return (size_t)sprintf(to, "%zu:%s,", strlen(inside), inside);
}

static void what_is_none_is_refused(void **state)
{
  (void)state;
  struct users_question q;
  struct users_answer a;
  char bytes[200];
  for (size_t i = 0; i < COUNT(no_netstrings); i++)
    if (users_question_unpack(&q, no_netstrings[i], strlen(no_netstrings[i])) != -1) fail_msg("%s", no_netstrings[i]);
  for (size_t i = 0; i < COUNT(no_questions); i++)
    if (users_question_unpack(&q, bytes, framed(bytes, no_questions[i])) != -1) fail_msg("%s", no_questions[i]);
  for (size_t i = 0; i < COUNT(no_answers); i++)
    if (users_answer_unpack(&a, bytes, framed(bytes, no_answers[i])) != -1) fail_msg("%s", no_answers[i]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_question_reads_as_it_was_asked),
    cmocka_unit_test(who_stays_says_so_in_front),
    cmocka_unit_test(an_answer_reads_as_it_was_given),
    cmocka_unit_test(each_verb_and_each_word_has_a_name),
    cmocka_unit_test(questions_are_bounded),
    cmocka_unit_test(what_is_none_is_refused)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
