/* What qmail-qctl packs qmail-send unpacks, and nothing else; and the way back. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verb_wire.h"

#define BYTES(s) s, sizeof s - 1

static struct { struct verb_request request; char const *text; size_t len; } const requests[] = {
  { { VERB_HOLD, 1, 0, { "", "" }, "", 0 }, BYTES("hold\0001\0000\0\0\0\0000\0") },
  { { VERB_RELEASE, INT64_MAX, UINT32_MAX, { "", "" }, "", 0 }, BYTES("release\0009223372036854775807\0004294967295\0\0\0\0000\0") },
  { { VERB_DELETE, 457, 7, { "a*", "x.example" }, "", 0 }, BYTES("delete\000457\0007\0a*\0x.example\0\0000\0") },
  { { VERB_BOUNCE, 457, 7, { "", "" }, "no\n\nmore", 0 }, BYTES("bounce\000457\0007\0\0\0no\n\nmore\0000\0") },
  { { VERB_CLAIM, 457, 7, { "", "" }, "b@y", 0 }, BYTES("claim\000457\0007\0\0\0b@y\0000\0") },
  { { VERB_REDIRECT, 457, 7, { "", "" }, "b@y", 4194304 }, BYTES("redirect\000457\0007\0\0\0b@y\0004194304\0") },
  { { VERB_REQUEUE, 23, 1, { "", "" }, "", 0 }, BYTES("requeue\00023\0001\0\0\0\0000\0") },
  { { VERB_RELOAD, 1, 0, { "", "" }, "", 0 }, BYTES("reload\0001\0000\0\0\0\0000\0") },
  { { VERB_LOOK, 23, 1, { "", "" }, "", 0 }, BYTES("look\00023\0001\0\0\0\0000\0") }
};

static void test_requests(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
    stralloc packed = STRALLOC_ZERO;
    struct verb_request const *w = &requests[i].request;
    struct verb_request r;
    assert_int_equal(verb_request_pack(&packed, w), 1);
    assert_int_equal(packed.len, requests[i].len);
    assert_memory_equal(packed.s, requests[i].text, packed.len);
    assert_int_equal(verb_request_unpack(&r, packed.s, packed.len), packed.len);
    assert_int_equal(r.verb, w->verb);
    assert_int_equal(r.id, w->id);
    assert_int_equal(r.fingerprint, w->fingerprint);
    assert_int_equal(r.qp, w->qp);
    assert_string_equal(r.choice.recipient, w->choice.recipient);
    assert_string_equal(r.choice.domain, w->choice.domain);
    assert_string_equal(r.text, w->text);
    for (size_t n = 0; n < packed.len; n++) assert_int_equal(verb_request_unpack(&r, packed.s, n), 0);
    stralloc_free(&packed);
  }
}

static struct { char const *text; size_t len; } const malformed[] = {
  { BYTES("\0\0\0\0\0\0\0") }, { BYTES("Hold\0001\0000\0\0\0\0000\0") }, { BYTES("holds\0001\0000\0\0\0\0000\0") },
  { BYTES("hold\0000\0000\0\0\0\0000\0") }, { BYTES("hold\00001\0000\0\0\0\0000\0") }, { BYTES("hold\000-1\0000\0\0\0\0000\0") },
  { BYTES("hold\0009223372036854775808\0000\0\0\0\0000\0") }, { BYTES("hold\0001\0\0\0\0\0000\0") },
  { BYTES("hold\0001\0004294967296\0\0\0\0000\0") }, { BYTES("hold\0001\00000\0\0\0\0000\0") }, { BYTES("hold\0001\0000\0\0\0\0\0") },
  { BYTES("hold\0001\0000\0\0\0\0x\0") }, { BYTES("hold\n1\0001\0000\0\0\0\0000\0") }
};

static void test_malformed_requests(void **state)
{
  (void)state;
  struct verb_request r;
  for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
    if (verb_request_unpack(&r, malformed[i].text, malformed[i].len) != -1) fail_msg("taken: %zu", i);
}

static void test_the_bound(void **state)
{
  (void)state;
  static char text[VERB_REQUEST_MAX + 1];
  stralloc packed = STRALLOC_ZERO;
  struct verb_request r = { VERB_BOUNCE, 1, 1, { "", "" }, text, 0 };
  size_t rest = sizeof "bounce" + sizeof "1" + sizeof "1" + 1 + 1 + 1 + sizeof "0";
  memset(text, 'x', VERB_REQUEST_MAX - rest);
  assert_int_equal(verb_request_pack(&packed, &r), 1);
  assert_int_equal(packed.len, VERB_REQUEST_MAX);
  assert_int_equal(verb_request_unpack(&r, packed.s, packed.len), VERB_REQUEST_MAX);
  r.text = text;
  text[VERB_REQUEST_MAX - rest] = 'x';
  packed.len = 0;
  assert_int_equal(verb_request_pack(&packed, &r), 0);
  assert_int_equal(errno, EMSGSIZE);
  assert_int_equal(packed.len, 0);
  memset(text, 'x', sizeof text);
  assert_int_equal(verb_request_unpack(&r, text, VERB_REQUEST_MAX - 1), 0);
  assert_int_equal(verb_request_unpack(&r, text, VERB_REQUEST_MAX), -1);
  assert_int_equal(verb_request_unpack(&r, text, sizeof text), -1);
  stralloc_free(&packed);
}

static struct { struct verb_answer answer; char const *text; } const answers[] = {
  { { VERB_DONE, 0, 0, "" }, "K 0 0" }, { { VERB_GONE, 0, 0, "" }, "G 0 0" },
  { { VERB_DONE, INT64_MAX, 1, "" }, "K 9223372036854775807 1" },
  { { VERB_HELD, 1, 2, "" }, "H 1 2" }, { { VERB_BUSY, 1, 2, "" }, "B 1 2" }, { { VERB_FAILED, 3, 0, "" }, "Z 3 0" },
  { { VERB_DONE, 34, 0, "x.example" }, "K 34 0 x.example" }, { { VERB_DONE, 0, 0, " a b" }, "K 0 0  a b" }
};

static void test_answers(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    char packed[VERB_ANSWER_MAX];
    struct verb_answer a;
    size_t len = verb_answer_pack(packed, &answers[i].answer);
    assert_string_equal(packed, answers[i].text);
    assert_int_equal(len, strlen(answers[i].text) + 1);
    assert_int_equal(verb_answer_unpack(&a, packed, len), len);
    assert_int_equal(a.result, answers[i].answer.result);
    assert_int_equal(a.recipients, answers[i].answer.recipients);
    assert_int_equal(a.under_way, answers[i].answer.under_way);
    assert_string_equal(a.rate, answers[i].answer.rate);
    for (size_t n = 0; n < len; n++) assert_int_equal(verb_answer_unpack(&a, packed, n), 0);
  }
}

static char const *const wrong_answers[] = {
  "", "K", "K ", "K 1", "K 1 ", "K  1", "k 1 1", "X 1 1", "K 1 x", "K 01 1", "K 1 1 ", "K-1 1", "K 1 99999999999999999999"
};

static void test_wrong_answers(void **state)
{
  (void)state;
  struct verb_answer a;
  char text[VERB_ANSWER_MAX];
  for (size_t i = 0; i < sizeof wrong_answers / sizeof *wrong_answers; i++)
    if (verb_answer_unpack(&a, wrong_answers[i], strlen(wrong_answers[i]) + 1) != -1) fail_msg("taken: %s", wrong_answers[i]);
  memset(text, 'K', sizeof text);
  assert_int_equal(verb_answer_unpack(&a, text, sizeof text), -1);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_requests),
    cmocka_unit_test(test_malformed_requests),
    cmocka_unit_test(test_the_bound),
    cmocka_unit_test(test_answers),
    cmocka_unit_test(test_wrong_answers)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
