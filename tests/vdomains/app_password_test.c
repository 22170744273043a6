/* App passwords: what has the form of one, and what a line of them says. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app_password.h"

static void what_is_typed(void **state)
{
  static struct { char const *typed; bool has_form; } const cases[] = {
    { "abcde-fghij-kmnpq-rstuv", true }, { "abcdefghijkmnpqrstuv", true }, { "abcde fghij kmnpq rstuv", true },
    { " a-bcdefghijkmnpqrstuv-", true }, { "22222222222222222222", true },
    { "abcdefghijkmnpqrstu", false }, { "abcdefghijkmnpqrstuvw", false }, { "", false }, { "-", false },
    { "Abcdefghijkmnpqrstuv", false }, { "lbcdefghijkmnpqrstuv", false }, { "obcdefghijkmnpqrstuv", false },
    { "1bcdefghijkmnpqrstuv", false }, { "abcde_fghij_kmnpq_rstuv", false },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char letters[APP_PASSWORD_LETTERS];
    assert_int_equal(app_password_letters(letters, cases[i].typed, strlen(cases[i].typed)), cases[i].has_form);
  }
  char letters[APP_PASSWORD_LETTERS];
  assert_false(app_password_letters(letters, "abcdefghijkmnpqrstu\0", 20));
}

static void what_is_shown_is_what_is_typed(void **state)
{
  unsigned char random[APP_PASSWORD_LETTERS];
  char shown[APP_PASSWORD_SIZE], letters[APP_PASSWORD_LETTERS];
  (void)state;
  for (unsigned int first = 0; first < 256; first++) {
    for (size_t i = 0; i < sizeof random; i++) random[i] = (unsigned char)(first + 13 * i);
    app_password_show(shown, random);
    assert_int_equal(strlen(shown), APP_PASSWORD_SIZE - 1);
    assert_true(app_password_letters(letters, shown, strlen(shown)));
  }
}

static void a_name(void **state)
{
  static struct { char const *name; bool is; } const cases[] = {
    { "a", true }, { "telephone-2.x", true }, { "0", true }, { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true },
    { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false }, { "", false }, { ".a", false }, { "-a", false }, { "A", false }, { "a/b", false },
    { "a:b", false }, { "a b", false }, { "a\n", false },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_int_equal(app_password_is_name(field_of(cases[i].name)), cases[i].is);
}

static void services(void **state)
{
  static struct { char const *words; uint32_t bits; } const cases[] = {
    { "pop3", 1 }, { "imap,smtp", 6 }, { "smtp,imap,smtp", 6 }, { "webmail,smtp,imap,pop3", 15 },
    { "", 0 }, { ",", 0 }, { "imap,", 0 }, { ",imap", 0 }, { "imap smtp", 0 }, { "IMAP", 0 }, { "ftp", 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint32_t bits;
    bool are = app_password_services(&bits, field_of(cases[i].words));
    assert_int_equal(are, cases[i].bits != 0);
    if (are) assert_int_equal(bits, cases[i].bits);
  }
}

static void a_line(void **state)
{
  static struct { char const *line; bool is; } const cases[] = {
    { "joe:phone:imap:0:x", true }, { "joe:phone:!imap,smtp:1764358800:{SSHA256}x:y", true }, { "j:p:pop3:18446744073709551614:x", true },
    { "joe:phone:imap:0:", false }, { "joe:phone:imap:0", false }, { ":phone:imap:0:x", false }, { "joe::imap:0:x", false },
    { "joe:phone::0:x", false }, { "joe:phone:!:0:x", false }, { "joe:phone:imap::x", false }, { "joe:phone:imap:1a:x", false },
    { "joe:phone:imap:18446744073709551615:x", false }, { "joe:phone:imap:-1:x", false }, { "", false },
  };
  stralloc again = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct app_password p;
    size_t len = strlen(cases[i].line);
    assert_int_equal(app_password_parse(&p, cases[i].line, len), cases[i].is);
    if (!cases[i].is) continue;
    again.len = 0;
    assert_true(app_password_add(&again, &p));
    assert_int_equal(again.len, len + 1);
    assert_memory_equal(again.s, cases[i].line, len);
  }
  stralloc_free(&again);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_is_typed), cmocka_unit_test(what_is_shown_is_what_is_typed), cmocka_unit_test(a_name),
    cmocka_unit_test(services), cmocka_unit_test(a_line),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
