/* The text of setforward, what is wrong with it and where; and lines of setmaillist. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "forward_text.h"
#include "maillist.h"

static struct { char const *text, *records, *fault; } const cases[] = {
  { "", "", 0 },
  { " # only a comment", "", 0 },
  { "a@b: c@d;", "[a@b: &c@d]", 0 },
  { "a @ b:c, &d,\n|x\\ y, !z , /l, ./m;;", 0, "2 a comma or a semicolon stands before the colon" },
  { "a @ b:c, &d,\n|x\\ y, !z , /l, ./m;\n@x:?o,c;", "[a@b: &c &d |x y !z /l ./m][@x: ?o &c]", 0 },
  { "a@:;b@:,,;", "[a@:][b@:]", 0 },
  { "a:#c;\nb;", "[a: &b]", 0 },
  { "a\\:b\\;:\\#c\\,;", "[a:b;: &#c,]", 0 },
  { "a:b", 0, "1 the final instruction has no semicolon" },
  { "a:b;\n\nc", 0, "3 the final instruction has no semicolon" },
  { "a:b:c;", 0, "1 there is a second colon in one instruction" },
  { "a,b:c;", 0, "1 a comma or a semicolon stands before the colon" },
};

static void show(char *to, size_t size, char const *text)
{
  struct forward_text t;
  enum forward_text_result r;
  size_t len = 0;
  forward_text_begin(&t, field_of(text));
  while ((r = forward_text_next(&t)) == FORWARD_TEXT_RECORD) {
    len += (size_t)snprintf(to + len, size - len, "[%.*s:", (int)t.target.len, t.target.s);
    if (t.has_owner) len += (size_t)snprintf(to + len, size - len, " ?%.*s", (int)t.owner.len, t.owner.s);
    for (size_t i = 0; i < t.data.len; i += strlen(t.data.s + i) + 1) len += (size_t)snprintf(to + len, size - len, " %s", t.data.s + i);
    len += (size_t)snprintf(to + len, size - len, "]");
  }
  if (r == FORWARD_TEXT_WRONG) len = (size_t)snprintf(to, size, "%zu %s", t.line, t.fault);
  to[len] = 0;
  forward_text_free(&t);
}

static void records_and_faults(void **state)
{
  char shown[400];
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    show(shown, sizeof shown, cases[i].text);
    assert_string_equal(shown, cases[i].records ? cases[i].records : cases[i].fault);
  }
}

static void an_address_has_a_bound(void **state)
{
  char text[820], shown[1000];
  (void)state;
  for (size_t len = 800; len <= 801; len++) {
    snprintf(text, sizeof text, "a:%0*d;", (int)len, 0);
    show(shown, sizeof shown, text);
    assert_int_equal(shown[0] == '[', len == 800);
  }
}

static struct { char const *line, *entry; enum maillist_result result; } const lines[] = {
  { "", "", MAILLIST_ADDED }, { "#x", "", MAILLIST_ADDED }, { " \t", "", MAILLIST_ADDED },
  { "a@b \t", "&a@b", MAILLIST_ADDED }, { "&a@b", "&a@b", MAILLIST_ADDED }, { "./l", "./l", MAILLIST_ADDED }, { "/l", "/l", MAILLIST_ADDED },
  { " a", "& a", MAILLIST_ADDED },
};

static void lines_of_lists(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    stralloc list = STRALLOC_ZERO;
    assert_int_equal(maillist_add(&list, lines[i].line, strlen(lines[i].line)), lines[i].result);
    assert_int_equal(list.len, *lines[i].entry ? strlen(lines[i].entry) + 1 : 0);
    if (list.len) assert_string_equal(list.s, lines[i].entry);
    stralloc_free(&list);
  }
  stralloc none = STRALLOC_ZERO;
  assert_int_equal(maillist_add(&none, "a\0b", 3), MAILLIST_NUL);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(records_and_faults), cmocka_unit_test(an_address_has_a_bound), cmocka_unit_test(lines_of_lists)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
