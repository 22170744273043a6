/* Which .qmail files may speak for an address, in which order. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dotqmail.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

/* Each name is followed by '=' and what "default" stands for in it, unless it is the exact one. */
static struct { char const *dash, *ext; char const *names[6]; } const searches[] = {
  { "", "", { ".qmail", ".qmaildefault=" } },
  { "-", "", { ".qmail-", ".qmail-default=" } },
  { "-", "a", { ".qmail-a", ".qmail-default=a" } },
  { "-", "a-b-c", { ".qmail-a-b-c", ".qmail-a-b-default=c", ".qmail-a-default=b-c", ".qmail-default=a-b-c" } },
  { "-", "a-b-", { ".qmail-a-b-", ".qmail-a-b-default=", ".qmail-a-default=b-", ".qmail-default=a-b-" } },
  { "-", "-", { ".qmail--", ".qmail--default=", ".qmail-default=-" } },
  { "-/", "A-B", { ".qmail-/a-b", ".qmail-/a-default=B", ".qmail-/default=A-B" } },
  { "-", "First.Last", { ".qmail-first:last", ".qmail-default=First.Last" } },
  { "-", "../../etc/passwd", { ".qmail-::/::/etc/passwd", ".qmail-default=../../etc/passwd" } },
  { "-", "\xc3\x84.\xff", { ".qmail-\xc3\x84:\xff", ".qmail-default=\xc3\x84.\xff" } },
  { "-", "list-Default", { ".qmail-list-default=Default", ".qmail-list-default=Default", ".qmail-default=list-Default" } },
  { "-", "mydefault", { ".qmail-mydefault=default", ".qmail-default=mydefault" } },
  { "-", "default", { ".qmail-default=default", ".qmail-default=default" } },
  { "-", "efault", { ".qmail-efault", ".qmail-default=efault" } },
  { "-.X", "", { ".qmail-.X", ".qmail-.Xdefault=" } },
};

static void found(char *text, struct dotqmail_search const *s)
{
  assert_int_equal(s->name.s[s->name.len], 0);
  assert_int_equal(s->name.len, strlen(s->name.s));
  strcpy(text, s->name.s);
  if (!s->default_part) return;
  strcat(text, "=");
  strcat(text, s->default_part);
}

static void names_in_order(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(searches); i++) {
    struct dotqmail_search s = { .dash = searches[i].dash, .ext = searches[i].ext, .name = STRALLOC_ZERO };
    char text[100];
    for (size_t n = 0; searches[i].names[n]; n++) {
      assert_int_equal(dotqmail_next(&s), 1);
      found(text, &s);
      assert_string_equal(text, searches[i].names[n]);
    }
    assert_int_equal(dotqmail_next(&s), 0);
    assert_int_equal(dotqmail_next(&s), 0);
    stralloc_free(&s.name);
  }
}

static void names_with_another_ending(void **state)
{
  stralloc to = STRALLOC_ZERO;
  (void)state;
  assert_true(dotqmail_name(&to, "-", "My.List", 7, "-owner"));
  assert_string_equal(to.s, ".qmail-my:list-owner");
  stralloc_free(&to);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(names_in_order), cmocka_unit_test(names_with_another_ending) };
  return cmocka_run_group_tests(tests, 0, 0);
}
