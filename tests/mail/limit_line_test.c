#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "limit_line.h"

static char const *words(char *to, struct limit_line const *l)
{
  sprintf(to, "%.*s|%s|%.*s|", (int)l->class.len, l->class.s, limit_subjects[l->subject], (int)l->name.len, l->name.s);
  if (l->is_free) strcat(to, "free");
  else sprintf(to + strlen(to), "%s %u/%s", limit_whats[l->what], (unsigned)l->most, limit_periods[l->period]);
  return to;
}

static void lines_that_are_some(void **state)
{
  struct { char const *line, *is; } const cases[] = {
    { "address messages 100/hour", "|address||messages 100/hour" },
    { " address\tconnections  0/minute ", "|address||connections 0/minute" },
    { "address 192.0.2.7 messages 1/day", "|address|192.0.2.7|messages 1/day" },
    { "address 2001:db8::/32 free", "|address|2001:db8::/32|free" },
    { "web: address recipients 7/hour", "web|address||recipients 7/hour" },
    { "login joe messages 1000000000/day", "|login|joe|messages 1000000000/day" },
    { "login @example.net free", "|login|@example.net|free" },
    { "login free", "|login||free" },
    { "domain example.net recipients 5/day", "|domain|example.net|recipients 5/day" },
    { "x:y: domain messages 5/day", "x:y|domain||messages 5/day" }
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct limit_line l;
    char shown[200];
    assert_null(limit_line_read(&l, cases[i].line, strlen(cases[i].line)));
    assert_string_equal(words(shown, &l), cases[i].is);
  }
}

static void lines_that_are_none(void **state)
{
  char const *const lines[] = {
    "", " ", "messages 100/hour", "addresses messages 100/hour", ": address free", "web:", "address", "address messages",
    "address messages 100", "address messages /hour", "address messages 100/", "address messages 100/week", "address messages -1/hour",
    "address messages 1000000001/hour", "address messages 99999999999999999999/hour", "address messages 100 / hour",
    "address bytes 100/hour", "address messages 100/hour more", "address free 100/hour", "address 192.0.2.300 free",
    "address 192.0.2.7/24 free", "address joe free", "login connections 5/hour", "login @ free", "domain a@b free", "domain @b free"
  };
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct limit_line l;
    if (!limit_line_read(&l, lines[i], strlen(lines[i]))) fail_msg("taken: %s", lines[i]);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines_that_are_some), cmocka_unit_test(lines_that_are_none) };
  return cmocka_run_group_tests(tests, 0, 0);
}
