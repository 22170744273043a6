/* Headers as they come: where the header ends, what is a field. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "mail_header.h"
#include "text.h"

static struct mail_header h = MAIL_HEADER_ZERO;
static FILE *file;
static char space[64];      /* small, so that lines cross its end */
static buffer in;

static void give(char const *s, size_t len)
{
  if (file) fclose(file);
  file = tmpfile();
  assert_non_null(file);
  assert_int_equal(fwrite(s, 1, len, file), len);
  rewind(file);
  lseek(fileno(file), 0, SEEK_SET);
  buffer_init(&in, &buffer_read, fileno(file), space, sizeof space);
  h.text.len = h.fields.len = h.body_start.len = 0;
  h.has_body = false;
}

static struct { char const *in; size_t fields; char const *header; bool has_body; char const *body; } const cases[] = {
  { "",                         0, "",                           false, "" },
  { "\n",                       0, "",                           true,  "" },
  { "\r\n",                     0, "",                           true,  "" },
  { "\r",                       0, "",                           true,  "\r" },
  { "To: a\r\nX: y\r\n\r\nb\r\n", 2, "To: a\nX: y\n",         true,  "" },
  { "To: a\r\r\n b\r\nb\r\n",   1, "To: a\n b\n",             true,  "b\n" },
  { "To: a\rb\r\n",             1, "To: a\rb\n",                false, "" },
  { "To: a\r",                  1, "To: a\n",                    false, "" },
  { "From x Mon\r\nTo: a\r\n",  2, "MBOX-Line: From x Mon\nTo: a\n", false, "" },
  { "hello",                    0, "",                           true,  "hello" },
  { "hello\nTo: a\n",           0, "",                           true,  "hello\n" },
  { " To: a\n",                 0, "",                           true,  " To: a\n" },
  { ": a\n",                    0, "",                           true,  ": a\n" },
  { "T o: a\n",                 0, "",                           true,  "T o: a\n" },
  { "T\303\266: a\n",           0, "",                           true,  "T\303\266: a\n" },
  { "To: a",                    1, "To: a\n",                    false, "" },
  { "To:",                      1, "To:\n",                      false, "" },
  { "To \t: a\n b\n\tc\n",      1, "To \t: a\n b\n\tc\n",        false, "" },
  { "To: a\n b",                1, "To: a\n b\n",                false, "" },
  { "To: a\n\nb\n",             1, "To: a\n",                    true,  "" },
  { "To: a\nno field\nX: y\n",  1, "To: a\n",                    true,  "no field\n" },
  { "To: a\nFrom x Mon\n: y\n", 2, "To: a\nMBOX-Line: From x Mon\n", true, ": y\n" },
  { "From : a\n",               1, "From : a\n",                 false, "" },
  { "From x Mon\nTo: a\n",      2, "MBOX-Line: From x Mon\nTo: a\n", false, "" },
  { "X: 0123456789012345678901234567890123456789012345678901234567890123456789\nTo: a\n\n",
    2, "X: 0123456789012345678901234567890123456789012345678901234567890123456789\nTo: a\n", true, "" },
};

static void headers_end_where_they_end(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    give(cases[i].in, strlen(cases[i].in));
    assert_int_equal(mail_header_read(&h, &in), MAIL_HEADER_OK);
    assert_int_equal(mail_header_count(&h), cases[i].fields);
    assert_string_equal(text_z(&h.text), cases[i].header);
    assert_int_equal(h.has_body, cases[i].has_body);
    assert_string_equal(text_z(&h.body_start), cases[i].body);
    size_t end = 0;
    for (size_t f = 0; f < mail_header_count(&h); f++) {
      assert_int_equal(mail_header_field(&h, f)->begin, end);
      end = mail_header_field(&h, f)->end;
    }
    assert_int_equal(end, h.text.len);
  }
}

static void headers_have_a_limit(void **state)
{
  (void)state;
  for (int over = -1; over <= 1; over++) {
    stralloc s = STRALLOC_ZERO;
    text_add(&s, "To: a\nX: ");
    while (s.len < (size_t)(MAIL_HEADER_MAX + over - 1)) text_add(&s, "x");
    text_add(&s, "\n\nbody\n");
    give(s.s, s.len);
    assert_int_equal(mail_header_read(&h, &in), over <= 0 ? MAIL_HEADER_OK : MAIL_HEADER_TOO_LONG);
    stralloc_free(&s);
  }
}

static void bodies_have_none(void **state)
{
  (void)state;
  stralloc s = STRALLOC_ZERO;
  text_add(&s, "To: a\n");
  while (s.len < 3 * MAIL_HEADER_MAX) text_add(&s, "nofieldatall");
  give(s.s, s.len);
  assert_int_equal(mail_header_read(&h, &in), MAIL_HEADER_OK);
  assert_int_equal(mail_header_count(&h), 1);
  assert_true(h.has_body && h.body_start.len <= MAIL_HEADER_MAX + 1);
  stralloc_free(&s);
}

static struct { char const *in, *name, *value; } const values[] = {
  { "To: a\nX: y\n",          "x",    "y" },
  { "X:y\nX: z\n",            "X",    "y" },
  { "X :  y \t\n",            "X",    "y" },
  { "X:\n y\n z\n",          "X",    "y\n z" },
  { "X:\n",                   "X",    "" },
  { "XX: y\n",                "X",    0 },
  { "To: a\n X: y\n",         "X",    0 },
  { "\nX: y\n",               "X",    0 },
};

static void a_value_is_found_by_its_name(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    struct field value;
    give(values[i].in, strlen(values[i].in));
    assert_int_equal(mail_header_read(&h, &in), MAIL_HEADER_OK);
    assert_int_equal(mail_header_find(&value, &h, values[i].name), values[i].value != 0);
    if (!values[i].value) continue;
    assert_int_equal(value.len, strlen(values[i].value));
    assert_memory_equal(value.s, values[i].value, value.len);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(headers_end_where_they_end),
    cmocka_unit_test(headers_have_a_limit),
    cmocka_unit_test(bodies_have_none),
    cmocka_unit_test(a_value_is_found_by_its_name)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
