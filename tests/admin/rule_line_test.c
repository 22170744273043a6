#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rule_line.h"
#include "text.h"

/* "address|deny|NAME=value|..." with "~" at the end when blanks were left out; or what is wrong. */
static char const *taken_apart(char const *s)
{
  static stralloc said = STRALLOC_ZERO;
  struct rule_line line;
  struct rule_variable v;
  char const *why = rule_line_parse(&line, s, strlen(s));
  if (why) return why;
  text_setb(&said, line.address, line.address_len);
  text_add(&said, line.is_deny ? "|deny" : "|allow");
  for (size_t at = 0; rule_line_variable(&v, &line, &at);) {
    text_add(&said, "|");
    text_addb(&said, v.name, v.name_len);
    text_add(&said, "=");
    text_addb(&said, v.value, v.value_len);
  }
  if (line.has_blanks) text_add(&said, "~");
  return text_z(&said);
}

#define NO_WORD "neither :allow nor :deny"
#define NO_VARIABLE "after the comma comes VARIABLE=\"value\""
#define NO_END "the value has no end: it is quoted by one character before and behind"
#define NO_COMMA "after allow or deny comes a comma or nothing"

static struct { char const *line, *parts; } const cases[] = {
  { ":allow", "|allow" },
  { "10.:deny", "10.|deny" },
  { "fd77:::deny", "fd77::|deny" },
  { "a:b:allow", "a:b|allow" },
  { ":deny:allow", NO_COMMA },
  { "x:allow,A=\"\",B=|b=,|", "x|allow|A=|B=b=," },
  { "x:allow,A=,=,,B=xyx", "x|allow|A==|B=y" },
  { " 10.1.2.3 :deny", "10.1.2.3|deny~" },
  { "10.1.2.3: deny", "10.1.2.3|deny~" },
  { "x:allow, A=\"1\"", "x|allow|A=1~" },
  { "x:allow ,A=\"1\"", "x|allow|A=1~" },
  { "x:allow,A =\"1\"", "x|allow|A=1~" },
  { "x:allow,A= \"1\"", "x|allow|A=1~" },
  { "\t:allow", "|allow~" },
  { "", NO_WORD },
  { "1.2.3.4", NO_WORD },
  { "1.2.3.4:foo", NO_WORD },
  { "1.2.3.4:Deny", NO_WORD },
  { ":denyall", NO_COMMA },
  { ":allow # all", NO_COMMA },
  { ":allow,", NO_VARIABLE },
  { ":allow,X", NO_VARIABLE },
  { ":allow,=\"\"", NO_VARIABLE },
  { ":allow,X=", NO_END },
  { ":allow,X=\"a", NO_END },
  { ":allow,X=\"a\"b", NO_COMMA },
  { ":allow\r", "the line ends with CR" },
};

static void test_lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_string_equal(taken_apart(cases[i].line), cases[i].parts);
  struct rule_line line;
  assert_string_equal(rule_line_parse(&line, "x\0:deny", 7), "a NUL in the line");
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(test_lines) };
  return cmocka_run_group_tests(tests, 0, 0);
}
