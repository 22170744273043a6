#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain_json.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))
#define F(s) { s, sizeof s - 1 }

static struct { char const *text; enum domain_line_kind kind; char const *name, *more; } const right[] = {
  { "{\"domain\":\"a.example\",\"dir\":\"/x\",\"format\":1}", DOMAIN_LINE_DOMAIN, "a.example", "/x" },
  { " { \"format\" : 1 , \"new\":[1,{}], \"domain\":\"a.example\"}\r", DOMAIN_LINE_DOMAIN, "a.example", "" },
  { "{\"alias_domain\":\"b.example\"}", DOMAIN_LINE_ALIAS_DOMAIN, "b.example", "" },
  { "{\"file\":\".delivery\",\"text\":\"a\\nb\\u00e4\"}", DOMAIN_LINE_FILE, ".delivery", "a\nb\xc3\xa4" },
  { "{\"alias\":\"x\",\"text64\":\"5A==\"}", DOMAIN_LINE_ALIAS, "x", "\xe4" },
  { "{\"alias64\":\"eA==\"}", DOMAIN_LINE_ALIAS, "x", "" },
};

static void lines_that_are_right(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(right); i++) {
    struct domain_line line;
    if (domain_json_read(&line, right[i].text, strlen(right[i].text)) != DOMAIN_JSON_OK) fail_msg("%s", right[i].text);
    assert_int_equal(line.kind, right[i].kind);
    assert_string_equal(line.name.s, right[i].name);
    if (line.text.len || *right[i].more) assert_string_equal(line.text.s, right[i].more);
    domain_json_free(&line);
  }
}

static char const *const wrong[] = {
  "", "{", "{}", "[]", "\"domain\"", "1", "{\"domain\":\"a\"}", "{\"domain\":\"a\",\"format\":2}", "{\"domain\":1,\"format\":1}",
  "{\"user\":\"a\",\"user\":\"b\"}", "{\"user\":\"a\",\"uid\":-1}", "{\"user\":\"a\",\"uid\":4294967296}", "{\"user\":\"a\",\"flags\":\"1\"}",
  "{\"user\":\"a\\u0000b\"}", "{\"user64\":\"AA==\"}", "{\"user64\":\"A\"}", "{\"user\":[\"a\"]}", "{\"alias\":\"x\",\"text\":{}}",
  "{\"end\":-1}", "{\"end\":1.5}", "{\"user\":\"a\"} x", "{\"user\":\"\xe4\"}", "{\"other\":1}"
};

static void lines_that_are_wrong(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(wrong); i++) {
    struct domain_line line;
    if (domain_json_read(&line, wrong[i], strlen(wrong[i])) != DOMAIN_JSON_WRONG) fail_msg("%s", wrong[i]);
    domain_json_free(&line);
  }
}

static void how_long_a_line_may_be(void **state)
{
  (void)state;
  static char text[DOMAIN_JSON_LINE_MAX + 1];
  memset(text, ' ', sizeof text);
  memcpy(text, "{\"end\":3}", 9);
  struct domain_line line;
  assert_int_equal(domain_json_read(&line, text, sizeof text - 1), DOMAIN_JSON_OK);
  assert_int_equal(line.count, 3);
  domain_json_free(&line);
  assert_int_equal(domain_json_read(&line, text, sizeof text), DOMAIN_JSON_WRONG);
  domain_json_free(&line);
}

static void a_user_is_read_as_he_was_written(void **state)
{
  (void)state;
  struct domain_line const written = { .kind = DOMAIN_LINE_USER, .record = {
    .name = F("joe"), .hash = F("$y$a\"\\"), .comment = F("J\xf6rg"), .quota = F("10S"), .clear = F(""), .has_clear = true, .uid = 2,
    .flags = 0x40001 }, .host = F("mail2.example.net") };
  struct domain_line read;
  stralloc text = STRALLOC_ZERO;
  domain_json_add(&text, &written);
  assert_int_equal(domain_json_read(&read, text.s, text.len - 1), DOMAIN_JSON_OK);
  struct vpasswd const *a = &written.record, *b = &read.record;
  assert_string_equal(b->name.s, a->name.s);
  assert_string_equal(b->hash.s, a->hash.s);
  assert_string_equal(b->comment.s, a->comment.s);
  assert_string_equal(b->quota.s, a->quota.s);
  assert_string_equal(read.host.s, written.host.s);
  assert_true(b->has_clear && !b->clear.len && b->uid == a->uid && b->flags == a->flags);
  domain_json_free(&read);
  stralloc_free(&text);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(lines_that_are_right), cmocka_unit_test(lines_that_are_wrong), cmocka_unit_test(how_long_a_line_may_be),
    cmocka_unit_test(a_user_is_read_as_he_was_written)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
