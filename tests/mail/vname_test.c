#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "vname.h"
#include "vname_idn.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))
#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10
#define X63 X60 "xxx"
#define X64 X63 "x"
#define D250 X63 "." X63 "." X63 "." X10 X10 X10 X10 X10 "xxxxxxxx"   /* 250 bytes */

/* ---- addresses ---- */

static struct { char const *address, *user, *domain; } const addresses[] = {
  { "", "", "" },
  { "joe", "joe", "" },
  { "joe@example.net", "joe", "example.net" },
  { "joe%example.net", "joe", "example.net" },
  { "joe/example.net", "joe", "example.net" },
  { "JOE@Example.NET", "joe", "example.net" },
  { "a%b@c", "a%b", "c" },
  { "a/b%c", "a/b", "c" },
  { "a/b@c%d", "a/b", "c%d" },
  { "a@b@c", "a", "b@c" },
  { "@b", "", "b" },
  { "a@", "a", "" },
  { "/", "", "" },
  { "\xc3\x84@b", "\xc3\x84", "b" },
  { X64 X64 X64 "@" X64 X64 X64 X64 X64 "y", X64 X64 X64, X64 X64 X64 X64 X64 "y" },
};

static void addresses_are_cut_at_their_first_separator(void **state)
{
  (void)state;
  stralloc user = STRALLOC_ZERO, domain = STRALLOC_ZERO;
  for (size_t i = 0; i < COUNT(addresses); i++) {
    assert_true(vname_split(&user, &domain, addresses[i].address, strlen(addresses[i].address)));
    assert_true(bytes_z(&user) && bytes_z(&domain));
    assert_string_equal(user.s, addresses[i].user);
    assert_string_equal(domain.s, addresses[i].domain);
  }
  stralloc_free(&user);
  stralloc_free(&domain);
}

/* ---- users ---- */

static struct { char const *name; enum vcode looked_up, made; } const users[] = {
  { "", VCODE_ILLEGAL_USERNAME, VCODE_ILLEGAL_USERNAME },
  { "a", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { "ab", VCODE_OK, VCODE_OK },
  { X63, VCODE_OK, VCODE_OK },
  { X64, VCODE_OK, VCODE_OK },
  { X64 "x", VCODE_USER_TOO_LONG, VCODE_USER_TOO_LONG },
  { "vpasswd", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { "VPasswd", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { "vpasswd.cdb", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { "vpasswd.bak.17", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { "vpasswd-joe", VCODE_OK, VCODE_OK },
  { "vpassw", VCODE_OK, VCODE_OK },
  { "cdb.tmp", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { ".", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { "..", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { ".qmail-default", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { "a..", VCODE_OK, VCODE_OK },
  { "a/b", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { "../a", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { "-a-b-", VCODE_OK, VCODE_ILLEGAL_USERNAME },
  { "a-b-", VCODE_OK, VCODE_OK },
  { "a b", VCODE_INVALID_CHARACTER, VCODE_INVALID_CHARACTER },
  { "a%b", VCODE_INVALID_CHARACTER, VCODE_INVALID_CHARACTER },
  { "\xc3\xa4x", VCODE_INVALID_CHARACTER, VCODE_INVALID_CHARACTER },
};

static void users_that_can_be_and_that_can_be_made(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(users); i++) {
    size_t len = strlen(users[i].name);
    if (vname_user(users[i].name, len) != users[i].looked_up) fail_msg("%s", users[i].name);
    if (vname_new_user(users[i].name, len, true) != users[i].made) fail_msg("%s", users[i].name);
  }
  assert_int_equal(vname_new_user("a", 1, false), VCODE_OK);
  assert_int_equal(vname_user("a\0b", 3), VCODE_INVALID_CHARACTER);
}

static void each_byte_of_a_user(void **state)
{
  (void)state;
  static char const illegal[] = "%\"(),:;<>@[\\] ";
  for (int c = 0; c < 256; c++) {
    char const name[] = { 'a', (char)c, 'b' };
    bool legal = c > ' ' && c < 127 && !strchr(illegal, c);
    assert_int_equal(vname_user(name, 3), legal ? VCODE_OK : VCODE_INVALID_CHARACTER);
  }
}

/* ---- domains ---- */

static struct { char const *name; enum vcode looked_up, made; } const domains[] = {
  { "", VCODE_INVALID_DOMAIN, VCODE_INVALID_DOMAIN },
  { "ab", VCODE_OK, VCODE_INVALID_DOMAIN },
  { ".ab", VCODE_OK, VCODE_INVALID_DOMAIN },
  { "localhost", VCODE_OK, VCODE_INVALID_DOMAIN },
  { "a.b", VCODE_OK, VCODE_INVALID_DOMAIN },
  { "a.bc", VCODE_OK, VCODE_OK },
  { "A.BC", VCODE_OK, VCODE_OK },
  { "a.bc.", VCODE_OK, VCODE_INVALID_DOMAIN },
  { ".a.bc", VCODE_OK, VCODE_INVALID_DOMAIN },
  { "a..bc", VCODE_OK, VCODE_INVALID_DOMAIN },
  { "..", VCODE_OK, VCODE_INVALID_DOMAIN },
  { "-a.bc", VCODE_OK, VCODE_INVALID_DOMAIN },
  { "a.bc-", VCODE_OK, VCODE_INVALID_DOMAIN },
  { "a-.-b.cd", VCODE_OK, VCODE_OK },
  { "xn--exmple-cua.net", VCODE_OK, VCODE_OK },
  { "x." X63, VCODE_OK, VCODE_OK },
  { "x." X64, VCODE_OK, VCODE_INVALID_DOMAIN },
  { X63 ".bc", VCODE_OK, VCODE_OK },
  { X64 ".bc", VCODE_OK, VCODE_INVALID_DOMAIN },
  { D250 ".abc", VCODE_OK, VCODE_OK },
  { D250 ".abcd", VCODE_OK, VCODE_OK },
  { D250 ".abcde", VCODE_DOMAIN_TOO_LONG, VCODE_DOMAIN_TOO_LONG },
  { "a_b.cd", VCODE_INVALID_DOMAIN, VCODE_INVALID_DOMAIN },
  { "a/b.cd", VCODE_INVALID_DOMAIN, VCODE_INVALID_DOMAIN },
  { "a b.cd", VCODE_INVALID_DOMAIN, VCODE_INVALID_DOMAIN },
  { "[192.0.2.1]", VCODE_INVALID_DOMAIN, VCODE_INVALID_DOMAIN },
  { "b\xc3\xbc.example", VCODE_INVALID_DOMAIN, VCODE_INVALID_DOMAIN },
};

static void domains_that_can_be_and_that_can_be_made(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(domains); i++) {
    size_t len = strlen(domains[i].name);
    if (vname_domain(domains[i].name, len) != domains[i].looked_up) fail_msg("%s", domains[i].name);
    if (vname_new_domain(domains[i].name, len) != domains[i].made) fail_msg("%s", domains[i].name);
  }
}

static struct { char const *given, *ascii; enum vcode code; } const spelled[] = {
  { "Example.NET", "example.net", VCODE_OK },
  { "a_b.example", 0, VCODE_INVALID_DOMAIN },
  { "r3---x.example", "r3---x.example", VCODE_OK },
  { "b\xc3\xbc" "cher.example", "xn--bcher-kva.example", VCODE_OK },
  { "B\xc3\x9c" "CHER.example", "xn--bcher-kva.example", VCODE_OK },
  { "bu\xcc\x88" "cher.example", "xn--bcher-kva.example", VCODE_OK },
  { "fa\xc3\x9f.de", "xn--fa-hia.de", VCODE_OK },
  { "b\xfc" "cher.example", 0, VCODE_INVALID_DOMAIN },
  { "a\xe3\x80\x82" "b\xc3\xbc.example", "a.xn--b-eha.example", VCODE_OK },
  { "\xc3\xbc/..", 0, VCODE_INVALID_DOMAIN },
  { D250 ".\xc3\xbc", 0, VCODE_DOMAIN_TOO_LONG },
};

static void domains_of_all_alphabets(void **state)
{
  (void)state;
  stralloc ascii = STRALLOC_ZERO;
  for (size_t i = 0; i < COUNT(spelled); i++) {
    enum vcode code = vname_idn_domain(&ascii, spelled[i].given, strlen(spelled[i].given));
    if (code != spelled[i].code) fail_msg("%s: %d", spelled[i].given, code);
    assert_true(bytes_z(&ascii));
    if (!code) assert_string_equal(ascii.s, spelled[i].ascii);
  }
  assert_int_equal(vname_idn_domain(&ascii, "a\0.example", 10), VCODE_INVALID_DOMAIN);
  static char const long_name[4 * VNAME_DOMAIN_MAX + 1] = { 0 };
  assert_int_equal(vname_idn_domain(&ascii, long_name, sizeof long_name), VCODE_DOMAIN_TOO_LONG);
  stralloc_free(&ascii);
}

/* ---- files ---- */

static struct { char const *name, *file; enum vcode code; } const files[] = {
  { "Joe", ".qmail-joe", VCODE_OK },
  { "joe.Doe-x", ".qmail-joe:doe-x", VCODE_OK },
  { ".", ".qmail-:", VCODE_OK },
  { "..", ".qmail-::", VCODE_OK },
  { "default", ".qmail-default", VCODE_OK },
  { "../joe", 0, VCODE_INVALID_CHARACTER },
  { "a/b", 0, VCODE_INVALID_CHARACTER },
  { "a:b", 0, VCODE_INVALID_CHARACTER },
  { "", 0, VCODE_ILLEGAL_USERNAME },
};

static void files_of_aliases(void **state)
{
  (void)state;
  stralloc file = STRALLOC_ZERO;
  for (size_t i = 0; i < COUNT(files); i++) {
    assert_int_equal(vname_dotqmail(&file, files[i].name, strlen(files[i].name)), files[i].code);
    if (files[i].file) assert_string_equal(file.s, files[i].file);
  }
  stralloc_free(&file);
}

/* ---- the default domain ---- */

static char const map[] = "192.0.2.1 one.example\n \t192.0.2.2\tTwo.Example \r\n2001:db8::1 six.example\n192.0.2.3\nx y\n192.0.2.9 last.example";

static struct { char const *domain, *ip, *file, *result; } const defaults[] = {
  { 0, 0, 0, "" },
  { "Env.Example", "192.0.2.1", "file.example", "env.example" },
  { "a/../b c.d_e", 0, 0, "a_.._b_c.d_e" },
  { "", "192.0.2.1", "file.example", "one.example" },
  { 0, "192.0.2.2", "file.example", "two.example" },
  { 0, "::ffff:192.0.2.2", "file.example", "two.example" },
  { 0, "2001:DB8:0::1", "file.example", "six.example" },
  { 0, "192.0.2.3", "file.example", "file.example" },
  { 0, "192.0.2.4", "file.example", "file.example" },
  { 0, "192.0.2.9", "", "last.example" },
  { 0, "x", " File.example \nother.example\n", "file.example" },
  { 0, "192.0.2.7", "\nother.example\n", "" },
};

static void the_domain_of_addresses_without(void **state)
{
  (void)state;
  stralloc domain = STRALLOC_ZERO;
  for (size_t i = 0; i < COUNT(defaults); i++) {
    struct vname_defaults const from = {
      .domain = defaults[i].domain, .local_ip = defaults[i].ip, .map = map, .map_len = sizeof map - 1,
      .file = defaults[i].file, .file_len = defaults[i].file ? strlen(defaults[i].file) : 0
    };
    assert_true(vname_default_domain(&domain, &from) && bytes_z(&domain));
    assert_string_equal(domain.s, defaults[i].result);
  }
  stralloc_free(&domain);
}

static void a_local_domain_is_no_default_by_address(void **state)
{
  (void)state;
  stralloc domain = STRALLOC_ZERO;
  struct nameset locals = NAMESET_ZERO;
  assert_true(nameset_list(&locals, "one.example\n", 12));
  struct vname_defaults from = {
    .local_ip = "192.0.2.1", .map = map, .map_len = sizeof map - 1, .locals = &locals, .file = "file.example", .file_len = 12
  };
  assert_true(vname_default_domain(&domain, &from) && bytes_z(&domain));
  assert_string_equal(domain.s, "file.example");
  from.local_ip = "192.0.2.9";
  assert_true(vname_default_domain(&domain, &from) && bytes_z(&domain));
  assert_string_equal(domain.s, "last.example");
  stralloc_free(&domain);
  nameset_free(&locals);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(addresses_are_cut_at_their_first_separator),
    cmocka_unit_test(users_that_can_be_and_that_can_be_made),
    cmocka_unit_test(each_byte_of_a_user),
    cmocka_unit_test(domains_that_can_be_and_that_can_be_made),
    cmocka_unit_test(domains_of_all_alphabets),
    cmocka_unit_test(files_of_aliases),
    cmocka_unit_test(the_domain_of_addresses_without),
    cmocka_unit_test(a_local_domain_is_no_default_by_address)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
