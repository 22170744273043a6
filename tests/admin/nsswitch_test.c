/* The order of name services. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nsswitch.h"

static struct { char const *text, *service; size_t line; } const cases[] = {
  { "", 0, 0 },
  { "passwd: files systemd\n", 0, 0 },
  { "passwd:         files sss ldap", 0, 0 },
  { "passwd: compat ldap\n", 0, 0 },
  { "passwd: db files\npasswd: systemd files", 0, 0 },
  { "passwd: sss\n", 0, 0 },
  { "passwd: sss files", "sss", 1 },
  { "passwd:sss files\n", "sss", 1 },
  { "# x\n\npasswd\t: systemd ldap winbind files # files\n", "ldap", 3 },
  { "passwd: sss [NOTFOUND=continue SUCCESS=return] files\n", "sss", 1 },
  { "passwd: sss[!UNAVAIL=return]files\n", "sss", 1 },
  { "passwd: files [NOTFOUND=return] sss\n", 0, 0 },
  { "passwd: # sss files\n", 0, 0 },
  { "passwd: sss # files\n", 0, 0 },
  { "#passwd: sss files\n", 0, 0 },
  { "passwds: sss files\npasswd_compat: nis files\nshadow: sss files\n", 0, 0 },
  { "  passwd: nis files\r\n", "nis", 1 },
  { "passwd", 0, 0 }, { "passwd:", 0, 0 }, { "passwd: [", 0, 0 }, { "passwd: x [ files", 0, 0 },
};

static void orders(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct nsswitch_service s;
    bool found = nsswitch_before_files(&s, "passwd", cases[i].text, strlen(cases[i].text));
    if (found != (cases[i].service != 0)) fail_msg("'%s'", cases[i].text);
    if (!found) continue;
    assert_int_equal(s.line, cases[i].line);
    assert_int_equal(s.len, strlen(cases[i].service));
    assert_memory_equal(s.name, cases[i].service, s.len);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(orders) };
  return cmocka_run_group_tests(tests, 0, 0);
}
