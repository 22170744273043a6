/* What is asked of the TLS service and what it says reads as it was written; what is none is refused. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "parts.h"
#include "tls_ucspi.h"
#include "tls_wire.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

static bool is(struct field f, char const *s)
{
  return f.len == strlen(s) && memcmp(f.s, s, f.len) == 0;
}

#define BYTES(s) ((struct field){ s, sizeof (s) - 1 })
#define QUESTION "61:6:client,4:dane,4:smtp,5:30000,4:mx.a,9:mx.a\0a.b\0,8:\3\1\1\0\3abc,,"
#define ANSWER "89:4:done,5:named,4:date,1:1,3:256,7:TLSv1.3,2:AE,4:mx.a,4:mx.b,4:smtp,3:\0\1\2,2:\3,,7:expired,,"

static void a_question_reads_as_it_was_asked(void **state)
{
  (void)state;
  char bytes[TLS_QUESTION_MAX];
  struct tls_question again, q = {
    TLS_CLIENT, TLS_DANE, TLS_SMTP, 30000, field_of("mx.a"), BYTES("mx.a\0a.b\0"), BYTES("\3\1\1\0\3abc")
  };
  size_t len = tls_question_pack(bytes, &q);
  assert_int_equal(len, sizeof QUESTION - 1);
  assert_memory_equal(bytes, QUESTION, len);
  for (size_t i = 0; i < len; i++) assert_int_equal(tls_question_unpack(&again, bytes, i), 0);
  assert_int_equal(tls_question_unpack(&again, bytes, len), len);
  assert_true(again.side == TLS_CLIENT && again.proof == TLS_DANE && again.service == TLS_SMTP && again.ms == 30000);
  assert_true(is(again.name, "mx.a") && again.names.len == 9 && again.tlsa.len == 8);
}

static void an_answer_reads_as_it_was_given(void **state)
{
  (void)state;
  char bytes[TLS_ANSWER_MAX];
  struct tls_answer again, a = {
    .said = TLS_DONE, .proof = TLS_NAMED, .flaw = TLS_OUT_OF_DATE, .resumed = 1, .bits = 256,
    .protocol = field_of("TLSv1.3"), .cipher = field_of("AE"), .name = field_of("mx.a"),
    .certificate = field_of("mx.b"), .alpn = field_of("smtp"), .exporter = BYTES("\0\1\2"),
    .endpoint = BYTES("\3,"), .why = field_of("expired")
  };
  size_t len = tls_answer_pack(bytes, &a);
  assert_int_equal(len, sizeof ANSWER - 1);
  assert_memory_equal(bytes, ANSWER, len);
  for (size_t i = 0; i < len; i++) assert_int_equal(tls_answer_unpack(&again, bytes, i), 0);
  assert_int_equal(tls_answer_unpack(&again, bytes, len), len);
  assert_true(again.said == TLS_DONE && again.proof == TLS_NAMED && again.flaw == TLS_OUT_OF_DATE);
  assert_true(again.resumed == 1 && again.bits == 256 && is(again.protocol, "TLSv1.3") && is(again.cipher, "AE"));
  assert_true(is(again.name, "mx.a") && is(again.certificate, "mx.b") && is(again.alpn, "smtp"));
  assert_true(again.exporter.len == 3 && is(again.endpoint, "\3,") && is(again.why, "expired"));
}

static void every_word_has_a_name(void **state)
{
  (void)state;
  char bytes[TLS_QUESTION_MAX];
  struct tls_question q;
  struct tls_answer a;
  for (int i = 0; i < TLS_SIDES * TLS_PROOFS * TLS_SERVICES; i++) {
    struct tls_question const asked = {
      .side = i % TLS_SIDES, .proof = i / TLS_SIDES % TLS_PROOFS, .service = i / TLS_SIDES / TLS_PROOFS
    };
    assert_true(tls_question_unpack(&q, bytes, tls_question_pack(bytes, &asked)) > 0);
    assert_true(q.side == asked.side && q.proof == asked.proof && q.service == asked.service);
  }
  for (int i = 0; i < TLS_WORDS * TLS_FLAWS; i++) {
    struct tls_answer const said = { .said = i % TLS_WORDS, .flaw = i / TLS_WORDS };
    assert_true(tls_answer_unpack(&a, bytes, tls_answer_pack(bytes, &said)) > 0);
    assert_true(a.said == said.said && a.flaw == said.flaw);
  }
}

static bool is_question(struct field name, struct field names, struct field tlsa)
{
  char bytes[TLS_QUESTION_MAX];
  struct tls_question again, q = { .side = TLS_CLIENT, .name = name, .names = names, .tlsa = tlsa };
  size_t len = tls_question_pack(bytes, &q);
  return len && tls_question_unpack(&again, bytes, len) > 0;
}

/* One name more than there may be, or one byte. */
static void names_and_records_are_bounded(void **state)
{
  (void)state;
  static char text[TLS_QUESTION_MAX];
  struct field const nothing = { "", 0 };
  memset(text, 'a', sizeof text);
  assert_true(is_question((struct field){ text, TLS_NAME_MAX }, nothing, nothing));
  assert_false(is_question((struct field){ text, TLS_NAME_MAX + 1 }, nothing, nothing));
  assert_false(is_question(BYTES("a\0b"), nothing, nothing));
  text[TLS_NAME_MAX] = 0;
  assert_true(is_question(nothing, (struct field){ text, TLS_NAME_MAX + 1 }, nothing));
  assert_false(is_question(nothing, (struct field){ text, TLS_NAME_MAX }, nothing));
  text[TLS_NAME_MAX] = 'a';
  text[TLS_NAME_MAX + 1] = 0;
  assert_false(is_question(nothing, (struct field){ text, TLS_NAME_MAX + 2 }, nothing));
  for (size_t i = 0; i < TLS_NAMES; i++) memcpy(text + 2 * i, "b", 2);
  assert_true(is_question(nothing, (struct field){ text, 2 * TLS_NAMES }, nothing));
  memcpy(text + 2 * TLS_NAMES, "b", 2);
  assert_false(is_question(nothing, (struct field){ text, 2 * TLS_NAMES + 2 }, nothing));
  assert_false(is_question(nothing, BYTES("\0"), nothing));
  assert_false(is_question(nothing, BYTES("a\0\0"), nothing));
  memset(text, 0, sizeof text);
  assert_true(is_question(nothing, nothing, (struct field){ text, (size_t)TLS_TLSA * TLS_TLSA_HEAD }));
  assert_false(is_question(nothing, nothing, (struct field){ text, (size_t)TLS_TLSA * TLS_TLSA_HEAD + TLS_TLSA_HEAD }));
  assert_false(is_question(nothing, nothing, BYTES("\3\1\1\0")));
  assert_false(is_question(nothing, nothing, BYTES("\3\1\1\0\2a")));
}

static void names_and_records_are_listed(void **state)
{
  (void)state;
  char bytes[100];
  char const *name;
  struct field names = BYTES("a\0bc\0"), records = { bytes, 0 };
  struct tls_tlsa r;
  struct tls_tlsa const first = { 3, 1, 1, BYTES("abc") }, second = { 2, 0, 255, BYTES("") };
  assert_true(tls_name_next(&names, &name) && !strcmp(name, "a"));
  assert_true(tls_name_next(&names, &name) && !strcmp(name, "bc"));
  assert_false(tls_name_next(&names, &name));
  records.len = tls_tlsa_pack(bytes, sizeof bytes, &first);
  records.len += tls_tlsa_pack(bytes + records.len, sizeof bytes - records.len, &second);
  assert_int_equal(records.len, 2 * TLS_TLSA_HEAD + 3);
  assert_true(tls_tlsa_next(&records, &r) && r.usage == 3 && r.selector == 1 && r.type == 1 && is(r.data, "abc"));
  assert_true(tls_tlsa_next(&records, &r) && r.usage == 2 && r.type == 255 && !r.data.len);
  assert_false(tls_tlsa_next(&records, &r));
  assert_int_equal(tls_tlsa_pack(bytes, TLS_TLSA_HEAD + 2, &first), 0);
}

static char const *const no_answers[] = {
  "4:done,5:named,0:,1:2,1:0,0:,0:,0:,0:,0:,0:,0:,0:,", "4:dome,5:named,0:,1:1,1:0,0:,0:,0:,0:,0:,0:,0:,0:,",
  "4:done,5:named,1:x,1:1,1:0,0:,0:,0:,0:,0:,0:,0:,0:,", "4:done,5:names,0:,1:1,1:0,0:,0:,0:,0:,0:,0:,0:,0:,",
  "4:done,5:named,0:,1:1,1:x,0:,0:,0:,0:,0:,0:,0:,0:,", "4:done,5:named,0:,1:1,1:0,0:,0:,0:,0:,0:,0:,0:,", ""
};

static void what_is_no_answer_is_refused(void **state)
{
  (void)state;
  char bytes[200];
  struct tls_answer a;
  for (size_t i = 0; i < COUNT(no_answers); i++) {
    size_t len = (size_t)sprintf(bytes, "%zu:%s,", strlen(no_answers[i]), no_answers[i]);
    if (tls_answer_unpack(&a, bytes, len) != -1) fail_msg("%s", no_answers[i]);
  }
}

static void another_server_answers_in_variables(void **state)
{
  (void)state;
  struct tls_answer a;
  static char const s[] = "SSL_PROTOCOL=TLSv1.2\0X=y\0SSL_CIPHER=AES\0\0more";
  size_t const len = sizeof s - sizeof "more";
  for (size_t i = 0; i < len; i++) assert_int_equal(tls_ucspi_answer(&a, s, i), 0);
  assert_int_equal(tls_ucspi_answer(&a, s, sizeof s), len);
  assert_true(a.said == TLS_DONE && is(a.protocol, "TLSv1.2") && is(a.cipher, "AES") && !a.name.len);
  assert_int_equal(tls_ucspi_answer(&a, "\0\0", 2), 2);
  assert_int_equal(tls_ucspi_answer(&a, "\0", 1), 0);
}

static void descriptors_are_numbers(void **state)
{
  (void)state;
  static char const *const bad[] = { "", "-1", "3x", " 3", "65536", "99999999999" };
  assert_int_equal(tls_ucspi_descriptor("3"), 3);
  assert_int_equal(tls_ucspi_descriptor(0), -1);
  for (size_t i = 0; i < COUNT(bad); i++) assert_int_equal(tls_ucspi_descriptor(bad[i]), -1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_question_reads_as_it_was_asked),
    cmocka_unit_test(an_answer_reads_as_it_was_given),
    cmocka_unit_test(every_word_has_a_name),
    cmocka_unit_test(names_and_records_are_bounded),
    cmocka_unit_test(names_and_records_are_listed),
    cmocka_unit_test(what_is_no_answer_is_refused),
    cmocka_unit_test(another_server_answers_in_variables),
    cmocka_unit_test(descriptors_are_numbers)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
