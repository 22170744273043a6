/* Links by which one subscriber leaves one list, and the forms that say so; the odd ones first. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "oneclick.h"
#include "text.h"

#define COOKIE "abcdefghijklmnopabcd"
#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct { char const *query, *table, *address; } const queries[] = {
  { "", 0, 0 }, { "1", 0, 0 }, { "1:5." COOKIE "::", 0, 0 }, { "1:5." COOKIE "::joe", 0, 0 }, { ":5." COOKIE "::joe@x", 0, 0 },
  { "1:5." COOKIE "x::joe@x", 0, 0 }, { "1:." COOKIE "::joe@x", 0, 0 }, { "1:5." COOKIE ":allow:joe@x", 0, 0 }, { "1:5." COOKIE ":joe@x", 0, 0 },
  { "1:5." COOKIE "::joe%4", 0, 0 }, { "1:5." COOKIE "::joe%gg@x", 0, 0 }, { "1:5." COOKIE "::joe@x%00", 0, 0 }, { "1:5." COOKIE "::joe@x%0a", 0, 0 },
  { "9999999999999999999:5." COOKIE "::joe@x", 0, 0 }, { "x1:5." COOKIE "::joe@x", 0, 0 },
  { "1:5." COOKIE "::" LONG LONG LONG LONG "@x", 0, 0 },
  { "1:5." COOKIE "::joe%40x.org", ".", "joe@x.org" }, { "12:5." COOKIE "::joe@x.org", ".", "joe@x.org" },
  { "1:5." COOKIE ":digest:j%6Fe%2bA%25@x:y", "digest", "joe+A%@x:y" },
};

static void links_are_read(void **state)
{
  struct oneclick o;
  (void)state;
  for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
    bool const is = oneclick_read(&o, field_of(queries[i].query));
    if (is != (queries[i].table != 0)) fail_msg("%s", queries[i].query);
    if (is && (strcmp(o.table, queries[i].table) || !field_is((struct field){ o.address.s, o.address.len }, queries[i].address))) fail_msg("%s", queries[i].query);
    stralloc_free(&o.address);
  }
}

static struct { char const *base, *address; } const refused[] = {
  { "", "a@x" }, { "https://", "a@x" }, { "http://x/?1", "a@x" }, { "https://x/ ?1", "a@x" }, { "https://x/>?1", "a@x" }, { "https://x/,?1", "a@x" },
  { "https://x/\xc3\xbc?1", "a@x" }, { "https://" LONG LONG LONG LONG LONG LONG LONG LONG LONG "?1", "a@x" },
};

static void links_are_made(void **state)
{
  stralloc link = STRALLOC_ZERO;
  struct field const key = field_of("0123456789abcdef"), address = field_of("Joe+x,\"=\xc3\xbc@x.org");
  struct oneclick o;
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    if (oneclick_add(&link, field_of(refused[i].base), key, ".", 1000, field_of(refused[i].address)) || link.len) fail_msg("%s", refused[i].base);
  for (unsigned digest = 0; digest < 2; digest++) {
    link.len = 0;
    assert_true(oneclick_add(&link, field_of("https://x.org/o?7"), key, digest ? "digest" : ".", 1000, address));
    char const *query = memchr(link.s, '?', link.len);
    assert_true(oneclick_read(&o, (struct field){ query + 1, (size_t)(link.s + link.len - query) - 1 }));
    assert_true(o.list == 7 && !strcmp(o.table, digest ? "digest" : ".") && field_same((struct field){ o.address.s, o.address.len }, address));
    assert_true(oneclick_is_ours(&o, key, 1000) && oneclick_is_ours(&o, key, 1000 + ONECLICK_LIFE));
    assert_false(oneclick_is_ours(&o, key, 999) || oneclick_is_ours(&o, key, 1001 + ONECLICK_LIFE) || oneclick_is_ours(&o, field_of("X123456789abcdef"), 1000));
    o.table = digest ? "." : "digest";
    assert_false(oneclick_is_ours(&o, key, 1000));
    o.table = digest ? "digest" : ".";
    o.address.s[0] = 'j';
    assert_false(oneclick_is_ours(&o, key, 1000));
    stralloc_free(&o.address);
  }
  stralloc_free(&link);
}

#define FORM "multipart/form-data; boundary=\"b b\""
#define DISPOSITION "Content-Disposition: form-data; name=\"List-Unsubscribe\"\r\n"
static struct { char const *type, *body; bool said; } const forms[] = {
  { "", "", false }, { "", "List-Unsubscribe", false }, { "", "List-Unsubscribe=", false }, { "", "xList-Unsubscribe=One-Click", false },
  { "", "List-Unsubscribe=One-Click2", false }, { "", "x=List-Unsubscribe=One-Click", false }, { "text/plain", "List-Unsubscribe=One-Click", false },
  { "", "List-Unsubscribe=One-Click", true }, { "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click", true },
  { "Application/X-WWW-Form-URLencoded; charset=utf-8", "a=b&List%2DUnsubscribe=One%2DClick&c\r\n", true },
  { FORM, "List-Unsubscribe=One-Click", false }, { FORM, "--b b\r\n\r\nOne-Click\r\n--b b--\r\n", false },
  { FORM, "--b b\r\n" DISPOSITION "\r\nOne\r\n--b b--\r\n", false }, { FORM, "--b b--\r\n" DISPOSITION "\r\nOne-Click\r\n--b b--\r\n", false },
  { FORM, "--b b\r\n" DISPOSITION "\r\nOne-Click\r\n", false }, { "multipart/form-data", "--b b\r\n" DISPOSITION "\r\nOne-Click\r\n--b b--\r\n", false },
  { FORM, "--b b\r\n" DISPOSITION "\r\nOne-Click\r\n--b b--", true },
  { FORM, "x\r\n--b b\r\nContent-Disposition: form-data; name=x\r\n\r\ny\r\n--b b\r\nContent-Type: text/plain\r\n" DISPOSITION "\r\nOne-Click\r\n--b b--\r\n", true },
};

static void forms_are_read(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
    if (oneclick_is_said(field_of(forms[i].type), field_of(forms[i].body)) != forms[i].said) fail_msg("%zu: %s", i, forms[i].body);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(links_are_read),
    cmocka_unit_test(links_are_made),
    cmocka_unit_test(forms_are_read),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
