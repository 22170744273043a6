/* smtpauth: what a line says, and which one counts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "remote_login.h"

static struct { char const *line, *user, *secret; bool is_token; } const lines[] = {
  { "joe:password:secret",                "joe", "secret",      false },
  { "joe@a.example:password: a:b c ",     "joe@a.example", " a:b c ", false },
  { "joe:token:/etc/token",               "joe", "/etc/token",  true },
  { "joe:secret", 0, 0, false }, { "joe:Password:x", 0, 0, false }, { "joe:password:", 0, 0, false }, { ":password:x", 0, 0, false },
  { "joe::x", 0, 0, false }, { "", 0, 0, false }
};

static bool is(struct field f, char const *s)
{
  return f.len == strlen(s) && !memcmp(f.s, s, f.len);
}

static void what_a_line_says(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct login l = { .wanted = false };
    bool good = login_parse(&l, lines[i].line, strlen(lines[i].line));
    if (good != !!lines[i].user) fail_msg("%s", lines[i].line);
    if (good) assert_true(is(l.user, lines[i].user) && is(l.secret, lines[i].secret) && l.is_token == lines[i].is_token);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(what_a_line_says) };
  return cmocka_run_group_tests(tests, 0, 0);
}
