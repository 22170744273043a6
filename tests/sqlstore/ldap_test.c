/* A directory: the file that says where it is, names in filters, entries as users. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ldap_file.h"
#include "ldap_record.h"
#include "ldap_text.h"
#include "vflags.h"

/* ---- the file ---- */

static struct { char const *text, *fault; } const files[] = {
  { "base dc=x", 0 }, { "# x\n\n base\tdc=x \r\nbind cn=a b\npassword  a b \n", 0 }, { "base ou=%u\nfilter (x=y)", 0 },
  { "", "no base" }, { "uri x\n", "no base" }, { "base", "nothing" }, { "base x\nbase y", "twice" }, { "bases x", "nobody knows" },
  { "base x\nbind y", "go together" }, { "base x\npassword y", "go together" }, { "base x\nfilter (uid=x)", "%u" },
  { "base x\nstarttls maybe", "yes or no" }
};

static void a_file_is_read(void **state)
{
  static struct ldap_file f;
  static char longest[LDAP_FILE_MAX + 1];
  char const *fault;
  (void)state;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    assert_int_equal(ldap_file_parse(&f, &fault, files[i].text, strlen(files[i].text)), !files[i].fault);
    if (files[i].fault) assert_non_null(strstr(fault, files[i].fault));
  }
  assert_true(ldap_file_parse(&f, &fault, files[1].text, strlen(files[1].text)));
  assert_string_equal(f.values[LDAP_FILE_PASSWORD], "a b");
  assert_string_equal(f.values[LDAP_FILE_BASE], "dc=x");
  assert_string_equal(f.values[LDAP_FILE_HASH], "userPassword");
  assert_null(f.values[LDAP_FILE_FLAGS]);
  assert_false(ldap_file_parse(&f, &fault, "base x\0", 7));
  memset(longest, 'x', sizeof longest);
  memcpy(longest, "base ", 5);
  assert_true(ldap_file_parse(&f, &fault, longest, LDAP_FILE_MAX - 1));
  assert_false(ldap_file_parse(&f, &fault, longest, LDAP_FILE_MAX));
}

/* ---- names ---- */

static struct { char const *pattern, *user, *text; } const texts[] = {
  { "(uid=%u)", "joe", "(uid=joe)" }, { "(uid=%u)", "a*b", "(uid=a\\2ab)" }, { "(uid=%u)", "a)(uid=*", "(uid=a\\29\\28uid\\3d\\2a)" },
  { "(uid=%u)", "a\\b", "(uid=a\\5cb)" }, { "ou=%d,dc=x", "joe", "ou=a-b.example,dc=x" }, { "%u@%d", "j,o=e+", "j\\2co\\3de\\2b@a-b.example" },
  { "100%% %x %", "joe", "100% %x %" }, { "(uid=%u)", "j\xc3\xb6", "(uid=j\\c3\\b6)" }, { "(uid=%u)", 0, "(uid=*)" }, { "%u", "", "" }
};

static void a_name_is_nothing_but_a_name(void **state)
{
  stralloc text = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct field const user = { texts[i].user, texts[i].user ? strlen(texts[i].user) : 0 };
    assert_true(ldap_text_make(&text, texts[i].pattern, user, field_of("a-b.example")));
    assert_string_equal(text.s, texts[i].text);
    assert_int_equal(text.len, strlen(texts[i].text));
  }
  assert_true(ldap_text_make(&text, "%u", (struct field){ "a\0b", 3 }, field_of("")));
  assert_string_equal(text.s, "a\\00b");
  stralloc_free(&text);
}

/* ---- entries ---- */

static void expect(struct field is, char const *wanted)
{
  assert_int_equal(is.len, strlen(wanted));
  assert_memory_equal(is.s, wanted, is.len);
}

static void an_entry_is_a_user(void **state)
{
  stralloc space = STRALLOC_ZERO;
  struct vpasswd r;
  struct field values[LDAP_ATTRIBUTES] = {
    [LDAP_NAME] = field_of("Joe"), [LDAP_HASH] = field_of("secret"), [LDAP_COMMENT] = field_of("Joe: a\nb"), [LDAP_HOME] = field_of("/home/joe"),
    [LDAP_SIZE] = field_of("100"), [LDAP_COUNT] = field_of("7"), [LDAP_FLAGS] = field_of("1"), [LDAP_STATUS] = field_of("NoAccess")
  };
  (void)state;
  assert_int_equal(ldap_record_make(&r, &space, values), LDAP_RECORD_USER);
  expect(r.name, "joe");
  expect(r.hash, "{PLAIN}secret");
  expect(r.comment, "Joe  a b");
  expect(r.dir, "/home/joe");
  expect(r.quota, "100S,7C");
  assert_int_equal(r.flags, 1 | VFLAG_NO_POP | VFLAG_NO_IMAP | VFLAG_NO_WEBMAIL | VFLAG_NO_SMTP);
  values[LDAP_SIZE].s = 0, values[LDAP_SIZE].len = 0;
  assert_int_equal(ldap_record_make(&r, &space, values), LDAP_RECORD_USER);
  expect(r.quota, "7C");
  values[LDAP_QUOTA] = field_of("5S");
  values[LDAP_HASH] = field_of("{SSHA}x");
  values[LDAP_HOME] = field_of("joe");
  values[LDAP_STATUS] = field_of("disabled");
  assert_int_equal(ldap_record_make(&r, &space, values), LDAP_RECORD_USER);
  expect(r.quota, "5S");
  expect(r.hash, "{SSHA}x");
  expect(r.dir, "");
  assert_true(r.flags & VFLAG_BOUNCE_MAIL);
  values[LDAP_STATUS] = field_of("deleted");
  assert_int_equal(ldap_record_make(&r, &space, values), LDAP_RECORD_NONE);
  stralloc_free(&space);
}

static void what_is_none_is_damaged(void **state)
{
  static char longest[5000];
  stralloc space = STRALLOC_ZERO;
  struct vpasswd r;
  struct field values[LDAP_ATTRIBUTES] = { [LDAP_NAME] = field_of("joe") };
  (void)state;
  assert_int_equal(ldap_record_make(&r, &space, values), LDAP_RECORD_USER);
  expect(r.quota, "NOQUOTA");
  expect(r.hash, "");
  values[LDAP_FLAGS] = field_of("x");
  assert_int_equal(ldap_record_make(&r, &space, values), LDAP_RECORD_DAMAGED);
  values[LDAP_FLAGS] = field_of("0");
  values[LDAP_HOME] = field_of("/a:b");
  assert_int_equal(ldap_record_make(&r, &space, values), LDAP_RECORD_DAMAGED);
  values[LDAP_HOME] = field_of("");
  values[LDAP_COMMENT] = (struct field){ longest, 4097 };
  assert_int_equal(ldap_record_make(&r, &space, values), LDAP_RECORD_DAMAGED);
  values[LDAP_COMMENT].len = 4096;
  assert_int_equal(ldap_record_make(&r, &space, values), LDAP_RECORD_USER);
  values[LDAP_NAME] = field_of("");
  assert_int_equal(ldap_record_make(&r, &space, values), LDAP_RECORD_DAMAGED);
  stralloc_free(&space);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_file_is_read),
    cmocka_unit_test(a_name_is_nothing_but_a_name),
    cmocka_unit_test(an_entry_is_a_user),
    cmocka_unit_test(what_is_none_is_damaged)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
