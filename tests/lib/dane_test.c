/* Answers of name servers, record by record, and the TLSA records in them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dane.h"
#include "tls_wire.h"

#define QUESTION "\4_tcp\1a\0" "\0\064" "\0\1"
#define HEAD(flags, answers) "\1\2" flags "\0\1" answers "\0\0" "\0\0"
#define RECORD(type, len) "\xc0\x0c" type "\0\1" "\0\0\0\74" len
#define TLSA(len) RECORD("\0\064", len)
#define PROVEN "\x81\xa0"
#define D16 "0123456789abcdef"
#define D32 D16 D16
#define D64 D32 D32

/* In a block of its own size, so that a byte read behind it is an error for the sanitizer. */
static unsigned char *exact;

static bool begin(struct dns_message *m, char const *s, size_t len)
{
  free(exact);
  exact = malloc(len + !len);
  memcpy(exact, s, len);
  return dns_message_begin(m, exact, len);
}

#define CASE(s) s, sizeof (s) - 1

static struct { char const *s; size_t len; bool good, proven; unsigned code, answers; } const heads[] = {
  { CASE(HEAD(PROVEN, "\0\2") QUESTION),              true,  true,  0, 2 },
  { CASE(HEAD("\x81\x80", "\0\0") QUESTION),          true,  false, 0, 0 },
  { CASE(HEAD("\x81\xa3", "\0\0") QUESTION),          true,  true,  3, 0 },
  { CASE(HEAD("\x01\xa0", "\0\0") QUESTION),          false, 0, 0, 0 },     /* a question */
  { CASE("\1\2" PROVEN "\0\0\0\0\0\0\0\0"),           false, 0, 0, 0 },     /* to none */
  { CASE("\1\2" PROVEN "\0\2\0\0\0\0\0\0" QUESTION),  false, 0, 0, 0 },     /* to two */
  { CASE(HEAD(PROVEN, "\0\0") "\4_tcp\1a\0" "\0\064" "\0"), false, 0, 0, 0 },
  { CASE(HEAD(PROVEN, "\0\0") "\4_t"),                false, 0, 0, 0 },
  { CASE("\1\2" PROVEN "\0\1"),                       false, 0, 0, 0 },
  { CASE(""),                                         false, 0, 0, 0 },
};

static void heads_are_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
    struct dns_message m;
    if (begin(&m, heads[i].s, heads[i].len) != heads[i].good) fail_msg("%zu", i);
    if (!heads[i].good) continue;
    if (m.authentic != heads[i].proven || m.code != heads[i].code || m.answers != heads[i].answers) fail_msg("%zu: otherwise", i);
  }
}

/* How many there are, and what is of use, as it is asked of the TLS service. */
static struct { char const *s; size_t len, count; char const *kept; size_t kept_len; } const answers[] = {
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\043") "\3\1\1" D32),           1, CASE("\3\1\1\0\040" D32) },
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\103") "\2\0\2" D64),           1, CASE("\2\0\2\0\100" D64) },
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\005") "\3\0\0ab"),             1, CASE("\3\0\0\0\2ab") },
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\003") "\3\0\0"),               1, CASE("") },
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\002") "\3\0"),                 1, CASE("") },
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\000")),                        1, CASE("") },
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\042") "\3\1\1" D16 "123456789abcdef"), 1, CASE("") },   /* too short */
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\043") "\3\1\2" D32),           1, CASE("") },           /* for its type */
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\043") "\1\1\1" D32),           1, CASE("") },           /* usage */
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\043") "\4\1\1" D32),           1, CASE("") },
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\043") "\3\2\1" D32),           1, CASE("") },           /* selector */
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\043") "\3\1\3" D32),           1, CASE("") },           /* type */
  { CASE(HEAD(PROVEN, "\0\2") QUESTION RECORD("\0\5", "\0\3") "\1b\0" TLSA("\0\005") "\2\1\0ab"), 1, CASE("\2\1\0\0\2ab") },
  { CASE(HEAD(PROVEN, "\0\2") QUESTION TLSA("\0\005") "\0\0\0ab" TLSA("\0\005") "\3\1\0cd"),      2, CASE("\3\1\0\0\2cd") },
  { CASE(HEAD(PROVEN, "\0\1") QUESTION "\xc0\x0c\0\064\0\3\0\0\0\74\0\005" "\3\0\0ab"),           0, CASE("") },  /* class CHAOS */
  { CASE(HEAD(PROVEN, "\0\2") QUESTION TLSA("\0\005") "\3\1\0ab" TLSA("\0\006") "\3\1\0cd"),      1, CASE("\3\1\0\0\2ab") },  /* cut */
  { CASE(HEAD(PROVEN, "\0\2") QUESTION TLSA("\0\005") "\3\1\0ab"),             1, CASE("\3\1\0\0\2ab") },
  { CASE(HEAD(PROVEN, "\0\1") QUESTION TLSA("\0\005") "\3\1\0ab" TLSA("\0\005") "\3\1\0cd"),      1, CASE("\3\1\0\0\2ab") },  /* more than it says */
  { CASE(HEAD(PROVEN, "\0\1") QUESTION "\xc0"),                                0, CASE("") },
  { CASE(HEAD(PROVEN, "\0\0") QUESTION),                                       0, CASE("") },
};

static void records_are_found(void **state)
{
  (void)state;
  static struct dane_records found;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    struct dns_message m;
    if (!begin(&m, answers[i].s, answers[i].len)) fail_msg("%zu: no message", i);
    dane_read(&found, m);
    if (found.count != answers[i].count || found.len != answers[i].kept_len) fail_msg("%zu: %zu, %zu bytes", i, found.count, found.len);
    assert_memory_equal(found.packed, answers[i].kept, found.len);
  }
}

/* As many as a question to the TLS service may have, in number and bytes. */
static void they_have_a_bound(void **state)
{
  (void)state;
  static struct dane_records found;
  static char many[60000];
  static size_t const lengths[] = { 5, 300 };
  struct dns_message m;
  for (size_t i = 0; i < 2; i++) {
    size_t len = sizeof HEAD(PROVEN, "\0\144") QUESTION - 1;
    memcpy(many, HEAD(PROVEN, "\0\144") QUESTION, len);
    for (size_t n = 0; n < 100; n++) {
      memcpy(many + len, TLSA("\0\0") "\3\1\0", 15);
      many[len + 10] = (char)(lengths[i] >> 8);
      many[len + 11] = (char)lengths[i];
      len += 12 + lengths[i];
    }
    assert_true(begin(&m, many, len));
    dane_read(&found, m);
    assert_int_equal(found.count, 100);
    assert_int_equal(found.len, i ? DANE_BYTES_MAX / 302 * 302 : TLS_TLSA * 7);
  }
}

static struct { char const *s; size_t len, at; char const *name; } const names[] = {
  { CASE(HEAD(PROVEN, "\0\0") "\2Mx\1a\0" "\0\1\0\1"),             12, "Mx.a" },
  { CASE(HEAD(PROVEN, "\0\0") "\2Mx\1a\0" "\0\1\0\1" "\xc0\x0f"),  22, "a" },
  { CASE(HEAD(PROVEN, "\0\0") "\2Mx\1a\0" "\0\1\0\1" "\xc0\x16"),  22, 0 },      /* itself */
  { CASE(HEAD(PROVEN, "\0\0") "\2Mx\1a\0" "\0\1\0\1" "\xc0"),      22, 0 },
  { CASE(HEAD(PROVEN, "\0\0") "\2Mx\1a\0" "\0\1\0\1" "\5ab"),      22, 0 },
  { CASE(HEAD(PROVEN, "\0\0") "\2Mx\1a\0" "\0\1\0\1"),             40, 0 },
};

static void names_are_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct dns_message m;
    char name[DNS_NAME_MAX + 1];
    assert_true(begin(&m, names[i].s, names[i].len));
    bool good = dns_message_name(name, &m, names[i].at);
    if (good != (names[i].name != 0) || (good && strcmp(name, names[i].name) != 0)) fail_msg("%zu", i);
  }
}

static struct { char const *s; size_t len, max; char const *text; } const texts[] = {
  { CASE("\5hello"), 100, "hello" },     { CASE("\2he\3llo"), 100, "hello" },  { CASE("\0\1a\0\1b"), 100, "ab" },
  { CASE("\2he\3llo"), 4, "hell" },     { CASE("\2he\377llo"), 100, "hello" }, { CASE("\2he\3llo\1x"), 2, "he" },
  { CASE("\0"), 100, "" },              { CASE(""), 100, "" }
};

static void texts_are_joined(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char to[100];
    struct dns_record const r = { .data = (unsigned char const *)texts[i].s, .len = texts[i].len };
    size_t len = dns_message_text(to, texts[i].max, &r);
    if (len != strlen(texts[i].text) || memcmp(to, texts[i].text, len) != 0) fail_msg("%zu", i);
  }
}

static void a_question_asks_for_proof(void **state)
{
  (void)state;
  unsigned char question[] = "\1\2\1\0\0\1\0\0\0\0\0";
  dns_message_ask_for_proof(question, sizeof question);
  assert_memory_equal(question, "\1\2\1\x20\0\1\0\0\0\0\0", sizeof question);
  dns_message_ask_for_proof(question, 3);
}

static int end(void **state)
{
  (void)state;
  free(exact);
  return 0;
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(heads_are_read), cmocka_unit_test(records_are_found), cmocka_unit_test(they_have_a_bound),
    cmocka_unit_test(names_are_read), cmocka_unit_test(texts_are_joined), cmocka_unit_test(a_question_asks_for_proof)
  };
  return cmocka_run_group_tests(tests, 0, end);
}
