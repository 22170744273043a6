#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "verb.h"

static void splitting(void **state)
{
  struct { char const *line; size_t verb_len, argument; } const cases[] = {
    { "", 0, 0 },
    { " ", 0, 1 },
    { " NOOP", 0, 1 },
    { "NOOP", 4, 4 },
    { "NOOP ", 4, 5 },
    { "NOOP   ", 4, 7 },
    { "PASS  a b ", 4, 6 },
    { "PASS\ta", 6, 6 },
    { "x 1 2", 1, 2 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct verb_words w = verb_split(cases[i].line, strlen(cases[i].line));
    assert_int_equal(w.verb_len, cases[i].verb_len);
    assert_int_equal(w.argument, cases[i].argument);
  }
}

static void finding(void **state)
{
  static struct verb const verbs[] = { { .name = "STAT" }, { .name = "TOP" }, { .name = 0 } };
  struct { char const *name; size_t row; } const cases[] = {
    { "", 2 }, { "TO", 2 }, { "TOPS", 2 }, { "top", 1 }, { "sTaT", 0 }, { "STAT", 0 }, { "STA", 2 }, { "\xd3TAT", 2 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_ptr_equal(verb_find(verbs, cases[i].name, strlen(cases[i].name)), verbs + cases[i].row);
  assert_ptr_equal(verb_find(verbs, "TOP\0", 4), verbs + 2);
}

static void refusing(void **state)
{
  static struct verb const verbs[] = {
    { "RCPT", 0, 2 | 4, "first", VERB_ARGUMENT },
    { "DATA", 0, 4, "later", 0 },
    { 0, 0, VERB_ANYWHERE, 0, 0 }
  };
  struct { char const *line; int state; char const *argument, *refusal; } const cases[] = {
    { "rcpt  a b ", 2, "a b ", 0 },
    { "RCPT a", 4, "a", 0 },
    { "RCPT a", 1, "a", "first" },
    { "RCPT", 1, "", "first" },
    { "RCPT", 2, "", "what" },
    { "RCPT  ", 2, "", "what" },
    { "DATA", 4, "", 0 },
    { "DATA x", 2, "x", "later" },
    { "DATAx", 1, "", 0 },
    { "", 1, "", 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char line[16];
    strcpy(line, cases[i].line);
    struct verb_call c = verb_read(verbs, line, strlen(line));
    assert_int_equal(c.argument_len, strlen(cases[i].argument));
    assert_memory_equal(c.argument, cases[i].argument, c.argument_len);
    char const *no = verb_refusal(&c, cases[i].state, "what");
    if (cases[i].refusal) assert_string_equal(no, cases[i].refusal);
    else assert_null(no);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(splitting), cmocka_unit_test(finding), cmocka_unit_test(refusing)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
