#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "surrogate.h"
#include "text.h"

#define NOBODY "<invalid@internationalized-address.invalid>"
#define OE "\303\266"           /* UTF-8 */
#define OE_Q "=C3=B6"

/* ---- one field; null for what stays as it is ---- */

static struct { char const *field, *shown; } const fields[] = {
  { "", 0 }, { "\n", 0 }, { "Subject: x\n", 0 }, { "To: a@b\n c\n", 0 }, { "X: \t\n", 0 },
  { "Subject: \366\n", 0 }, { "From: J\366rg <j@x>\n", 0 }, { "X: " OE "\366\n", 0 },
  { "Subject: " OE "\n", "Subject: =?utf-8?q?" OE_Q "?=\n" },
  { "SUBJECT : " OE "\r\n", "SUBJECT: =?utf-8?q?" OE_Q "?=\n" },
  { "Subject:" OE "\n  b\n", "Subject: =?utf-8?q?" OE_Q "__b?=\n" },
  { "Subject: " OE, "Subject: =?utf-8?q?" OE_Q "?=\n" },
  { "X: " OE "\n", "" }, { "Received: from " OE "\n", "" }, { "Comments: " OE "\n", "" }, { "Delivered-To: " OE "@x\n", "" },
  { "From: J" OE " <j@x>\n", "From: =?utf-8?q?J" OE_Q "?= <j@x>\n" },
  { "From: \"J" OE ", B\" <j@x>\n", "From: =?utf-8?q?J" OE_Q "=2C_B?= <j@x>\n" },
  { "From: j@x (J" OE ")\n", "From: =?utf-8?q?J" OE_Q "?= <j@x>\n" },
  { "From: J. " OE " B. <j@x>\n", "From: =?utf-8?q?J=2E_" OE_Q "_B=2E?= <j@x>\n" },
  { "From: J <j" OE "@x>\n", "From: =?utf-8?q?J_=3Cj" OE_Q "=40x=3E?=\n " NOBODY "\n" },
  { "From: j@" OE ".x\n", "From: =?utf-8?q?j=40" OE_Q "=2Ex?= " NOBODY "\n" },
  { "Return-Path: <" OE "@x>\n", "Return-Path: =?utf-8?q?=3C" OE_Q "=40x=3E?=\n " NOBODY "\n" },
  { "To: a@b, " OE " <j@x>, c@d\n", "To: a@b, =?utf-8?q?" OE_Q "?= <j@x>, c@d\n" },
  { "To: a@b,\n\t" OE " <j@x>\n", "To: a@b, =?utf-8?q?" OE_Q "?= <j@x>\n" },
  { "To: " OE "@x b@y\n", "To: =?utf-8?q?" OE_Q "=40x?= " NOBODY ", b@y\n" },
  { "To: G" OE ": a@b, c" OE "@d;\n", "To: =?utf-8?q?G" OE_Q "?=: a@b, =?utf-8?q?c" OE_Q "=40d?=\n " NOBODY ";\n" },
  { "To: " OE "\n", "To: =?utf-8?q?" OE_Q "?= " NOBODY "\n" },
  { "To: (" OE "\n", "To: =?utf-8?q?=28" OE_Q "?= " NOBODY "\n" },
  { "Resent-CC: " OE " <>\n", "Resent-CC: =?utf-8?q?" OE_Q "?= <>\n" },
  { "Content-Type: text/plain; name=" OE "\n", "Content-Type: text/plain\n" },
  { "Content-Type: text/plain;\n name=\"" OE ";\\\"x\";\n charset=utf-8\n", "Content-Type: text/plain;\n charset=utf-8\n" },
  { "Content-Disposition: attachment; a=b; filename=" OE "; c=d\n", "Content-Disposition: attachment; a=b; c=d\n" },
  { "Content-Type: " OE "; a=b\n", "" }, { "Content-Description: " OE "\n", "" },
  { "From j" OE "@x Mon Nov 29 13:00:00 2027\n", "" }
};

static void one_field(void **state)
{
  (void)state;
  stralloc got = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    text_set(&got, "");
    surrogate_field(&got, fields[i].field, strlen(fields[i].field));
    assert_string_equal(text_z(&got), fields[i].shown ? fields[i].shown : fields[i].field);
  }
  stralloc_free(&got);
}

static void no_line_with_encoded_words_is_long(void **state)
{
  (void)state;
  stralloc field = STRALLOC_ZERO, got = STRALLOC_ZERO;
  text_add(&field, "From: ");
  for (int i = 0; i < 200; i++) text_add(&field, i % 7 ? OE : " ");
  text_add(&field, " <somebody.with.a.long.name@a.long.domain.example.org>, " OE "@x\n");
  surrogate_field(&got, field.s, field.len);
  text_z(&got);
  for (char const *line = got.s, *end; (end = strchr(line, '\n')); line = end + 1) assert_true(end - line <= 76);
  stralloc_free(&field);
  stralloc_free(&got);
}

/* ---- a header; what is behind it is the caller's ---- */

static struct { char const *message, *shown; size_t rest; } const messages[] = {
  { "", "", 0 }, { "\n", "\n", 0 }, { "\nx", "\n", 1 }, { "\r\nx", "\r\n", 1 },
  { "A: b\n\nc\n", "A: b\n\n", 2 },
  { "A: b", "A: b", 0 }, { "A: b\n", "A: b\n", 0 }, { "A: " OE, "", 0 },
  { "A: " OE "\nSubject: " OE "\n c\nB: d\n\n" OE, "Subject: =?utf-8?q?" OE_Q "_c?=\nB: d\n\n", 2 },
  { "A: b\nno field " OE "\nC: " OE "\n", "A: b\nno field " OE "\n", 6 },
  { " " OE "\nA: " OE "\n", " " OE "\n", 6 },
  { "From " OE "\nA: b\n\n", "A: b\n\n", 0 }, { ">From " OE "\nA: b\n\n", "A: b\n\n", 0 },
  { "A: b\nFrom " OE "\n\n", "A: b\nFrom " OE "\n", 1 },
  { "Subject: \366\n\n", "Subject: \366\n\n", 0 }
};

/* In pieces of n bytes. Returns how many bytes of the message are left. */
static size_t show(stralloc *got, char const *s, size_t len, size_t n)
{
  struct surrogate g = { .field = STRALLOC_ZERO };
  size_t at = 0;
  text_set(got, "");
  while (at < len && !g.is_over) at += surrogate_take(&g, got, s + at, len - at < n ? len - at : n);
  surrogate_end(&g, got);
  text_z(got);
  return len - at;
}

static void every_cut(void **state)
{
  (void)state;
  stralloc got = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
    for (size_t n = 1; n <= 16; n++) {
      size_t const len = strlen(messages[i].message);
      assert_int_equal(show(&got, messages[i].message, len, n), messages[i].rest);
      assert_string_equal(got.s, messages[i].shown);
    }
  stralloc_free(&got);
}

/* Of a field that is too long to be looked at as a whole the lines lose what is behind their ASCII; the next field is one as any other. */
static void a_long_field(void **state)
{
  (void)state;
  stralloc message = STRALLOC_ZERO, got = STRALLOC_ZERO;
  text_add(&message, "To: a@b,\n");
  while (message.len <= SURROGATE_FIELD_MAX) text_add(&message, " a@b,\n");
  size_t const long_len = message.len;
  text_add(&message, " c" OE "@d,\n e@f\nSubject: " OE "\n\n");
  for (size_t n = 1; n < 2 * message.len; n = 7 * n + 1) {
    assert_int_equal(show(&got, message.s, message.len, n), 0);
    assert_memory_equal(got.s, message.s, long_len);
    assert_string_equal(got.s + long_len, " c\n e@f\nSubject: =?utf-8?q?" OE_Q "?=\n\n");
  }
  stralloc_free(&message);
  stralloc_free(&got);
}

/* A line alone is longer than that: a field, or no field. */
static void a_long_line(void **state)
{
  (void)state;
  stralloc message = STRALLOC_ZERO, got = STRALLOC_ZERO;
  for (int is_field = 0; is_field < 2; is_field++) {
    text_set(&message, "A: " OE "\n");
    size_t const first = message.len;
    text_add(&message, is_field ? "B: " : "B ");
    while (message.len < 3 * SURROGATE_FIELD_MAX) text_addc(&message, 'b');
    size_t const ascii = message.len - first;
    text_add(&message, OE "c\nD: e\n\n");
    for (size_t n = 100; n < 2 * message.len; n *= 10) {
      size_t const rest = show(&got, message.s, message.len, n);
      if (is_field) assert_int_equal(rest, 0);
      assert_memory_equal(got.s, message.s + first, is_field ? ascii : got.len);
      if (is_field) assert_string_equal(got.s + ascii, "\nD: e\n\n");
      else assert_int_equal(got.len + rest, message.len - first);
    }
  }
  stralloc_free(&message);
  stralloc_free(&got);
}

/* ---- whether there is anything to do ---- */

static struct { char const *block; bool needed; } const blocks[] = {
  { "A: b\n\n" OE, false }, { "A: b\r\n\r\n" OE, false }, { "\n", false }, { "A: b\n\n", false },
  { "A: " OE "\n\n", true }, { "A: \366\n\n", true }, { "A: b\n", true }, { "A: b", true }, { "\r", true }, { "A: b\n\r", true }
};

static void a_look_at_the_header(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    assert_int_equal(surrogate_is_needed(blocks[i].block, strlen(blocks[i].block)), blocks[i].needed);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(one_field), cmocka_unit_test(no_line_with_encoded_words_is_long), cmocka_unit_test(every_cut),
    cmocka_unit_test(a_long_field), cmocka_unit_test(a_long_line), cmocka_unit_test(a_look_at_the_header)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
