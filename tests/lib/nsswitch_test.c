/* Name services and their order. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nsswitch.h"

static struct { char const *text, *services, *before_files; size_t line; } const cases[] = {
  { "", 0, 0, 0 },
  { "passwd: files systemd\n", "files systemd ", 0, 1 },
  { "passwd:         files sss ldap", "files sss ldap ", 0, 1 },
  { "passwd: compat ldap\n", "compat ldap ", 0, 1 },
  { "passwd: db files\n", "db files ", 0, 1 },
  { "passwd: systemd files", "systemd files ", 0, 1 },
  { "passwd: sss\n", "sss ", 0, 1 },
  { "passwd: sss files", "sss files ", "sss", 1 },
  { "passwd:sss files\n", "sss files ", "sss", 1 },
  { "# x\n\npasswd\t: systemd ldap winbind files # files\n", "systemd ldap winbind files ", "ldap", 3 },
  { "passwd: sss [NOTFOUND=continue SUCCESS=return] files\n", "sss files ", "sss", 1 },
  { "passwd: sss[!UNAVAIL=return]files\n", "sss files ", "sss", 1 },
  { "passwd: files [NOTFOUND=return] sss\n", "files ", 0, 1 },
  { "passwd: files[SUCCESS=return notfound=RETURN]sss\n", "files ", 0, 1 },
  { "passwd: files [!NOTFOUND=return] sss\n", "files sss ", 0, 1 },
  { "passwd: sss [NOTFOUND=return] files\n", "sss ", 0, 1 },
  { "passwd: # sss files\n", "", 0, 1 },
  { "passwd: sss # files\n", "sss ", 0, 1 },
  { "#passwd: sss files\n", 0, 0, 0 },
  { "passwds: sss files\npasswd_compat: nis files\nshadow: sss files\n", 0, 0, 0 },
  { "passwd: sss files\npasswd: files\n", "files ", 0, 2 },
  { "  passwd: nis files\r\n", "nis files ", "nis", 1 },
  { "passwd", 0, 0, 0 }, { "passwd:", "", 0, 1 }, { "passwd: [", "", 0, 1 }, { "passwd: x [ files", "x ", 0, 1 },
};

static void services(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct nsswitch_list list = nsswitch_list("passwd", cases[i].text, strlen(cases[i].text));
    struct nsswitch_service s;
    char found[100] = "";
    if (!list.s != !cases[i].services) fail_msg("'%s'", cases[i].text);
    if (!list.s) continue;
    for (size_t at = 0; nsswitch_next(&s, &list, &at);) strcat(strncat(found, s.s, s.len), " ");
    assert_string_equal(found, cases[i].services);
    assert_int_equal(list.line, cases[i].line);
  }
}

static void orders(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct nsswitch_list list = nsswitch_list("passwd", cases[i].text, strlen(cases[i].text));
    struct nsswitch_service s;
    bool found = nsswitch_before_files(&s, &list);
    if (found != (cases[i].before_files != 0)) fail_msg("'%s'", cases[i].text);
    if (!found) continue;
    assert_int_equal(s.len, strlen(cases[i].before_files));
    assert_memory_equal(s.s, cases[i].before_files, s.len);
  }
}

static struct { char const *text; bool afar; } const places[] = {
  { "", false }, { "passwd: files systemd sss\n", false }, { "passwd: files [NOTFOUND=return] ldap\n", false },
  { "passwd: compat\n", true }, { "passwd: files ldap\n", true }, { "passwd: mysql\n", true }, { "passwd: filesx\n", true }
};

static void places_of_services(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    struct nsswitch_list list = nsswitch_list("passwd", places[i].text, strlen(places[i].text));
    if (nsswitch_asks_afar(&list) != places[i].afar) fail_msg("'%s'", places[i].text);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(services), cmocka_unit_test(orders), cmocka_unit_test(places_of_services) };
  return cmocka_run_group_tests(tests, 0, 0);
}
