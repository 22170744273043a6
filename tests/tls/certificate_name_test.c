/* Names that clients call, names of files, and which belongs to which. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "certificate_name.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))
#define LABEL "a23456789012345678901234567890123456789012345678901234567890123"

static struct { char const *called, *name; } const names[] = {
  { "mail.example.org", "mail.example.org" }, { "Mail.EXAMPLE.org.", "mail.example.org" }, { "localhost", "localhost" },
  { "*.example.org", "*.example.org" }, { "_25._tcp.a", "_25._tcp.a" }, { LABEL ".a", LABEL ".a" },
  { "", 0 }, { ".", 0 }, { "..", 0 }, { "a..b", 0 }, { ".a", 0 }, { "a..", 0 }, { "../a", 0 }, { "a/b", 0 }, { "*", 0 }, { "*.", 0 },
  { "a.*.b", 0 }, { "*a.b", 0 }, { "a b", 0 }, { "a:25", 0 }, { "[::1]", 0 }, { "\xc3\xa4.example", 0 }, { LABEL "4.a", 0 }, { "a\n", 0 }
};

static void names_that_are_called(void **state)
{
  (void)state;
  char name[TLS_NAME_MAX + 1];
  for (size_t i = 0; i < COUNT(names); i++) {
    bool is_one = certificate_name(name, names[i].called, strlen(names[i].called));
    if (is_one != (names[i].name != 0) || (is_one && strcmp(name, names[i].name) != 0)) fail_msg("%s", names[i].called);
  }
  assert_false(certificate_name(name, "a\0b", 3));
}

static void names_are_bounded(void **state)
{
  (void)state;
  char name[TLS_NAME_MAX + 1], called[TLS_NAME_MAX + 2];
  for (size_t i = 0; i < sizeof called; i++) called[i] = i % 2 ? '.' : 'a';
  assert_true(certificate_name(name, called, TLS_NAME_MAX));
  called[TLS_NAME_MAX - 1] = called[TLS_NAME_MAX] = 'a';
  assert_false(certificate_name(name, called, TLS_NAME_MAX + 1));
}

static void files_of_certificates(void **state)
{
  (void)state;
  assert_int_equal(certificate_stem("default.pem"), 7);
  assert_int_equal(certificate_stem("mail.example.org.pem"), 16);
  static char const *const others[] = { ".pem", "a.key", "a.pem.new", "a.pem~", ".a.pem", "pem", "", "apem" };
  for (size_t i = 0; i < COUNT(others); i++) assert_int_equal(certificate_stem(others[i]), 0);
}

static struct certificate_for const all[] = {
  { (char []){ "a.example" }, 0 }, { (char []){ "*.example" }, 1 }, { (char []){ "b.example" }, 2 }, { (char []){ "*.b.example" }, 3 }
};

static struct { char const *name; size_t certificate; } const choices[] = {
  { "a.example", 0 }, { "c.example", 1 }, { "b.example", 2 }, { "x.b.example", 3 }, { "x.y.b.example", 9 }, { "example", 9 },
  { "b.exampl", 9 }, { "localhost", 9 }, { "x.a.example", 9 }
};

static void a_name_finds_its_certificate(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(choices); i++)
    if (certificate_choose(all, COUNT(all), choices[i].name, 9) != choices[i].certificate) fail_msg("%s", choices[i].name);
  assert_int_equal(certificate_choose(all, 0, "a.example", 9), 9);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_that_are_called),
    cmocka_unit_test(names_are_bounded),
    cmocka_unit_test(files_of_certificates),
    cmocka_unit_test(a_name_finds_its_certificate)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
