#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "address.h"
#include "bytes.h"

static struct { char const *address, *quoted; } const quotes[] = {
  { "", "" },
  { "@", "\"\"@" },
  { "@b", "\"\"@b" },
  { "a", "a" },
  { "a@b", "a@b" },
  { "a@b@c", "\"a@b\"@c" },
  { "a b@c", "\"a b\"@c" },
  { "a.b@c", "a.b@c" },
  { ".a@c", "\".a\"@c" },
  { "a.@c", "\"a.\"@c" },
  { "a..b@c", "\"a..b\"@c" },
  { "a\"b@c", "\"a\\\"b\"@c" },
  { "a\\b@c", "\"a\\\\b\"@c" },
  { "a\nb@c", "\"a\\\nb\"@c" },
  { "a\rb@c", "\"a\\\rb\"@c" },
  { "a\x7f@c", "\"a\x7f\"@c" },
  { "\xe4@c", "\"\xe4\"@c" },
  { "\xc3\xa4@c", "\xc3\xa4@c" },
  { "\xc3\xa4 b@c", "\"\xc3\xa4 b\"@c" },
  { "a+b-c=d{e}|f~'g@h", "a+b-c=d{e}|f~'g@h" },
  { "a(b@c", "\"a(b\"@c" },
  { "a@b c", "a@b c" }
};

static void boxes_are_quoted_where_they_must(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
    stralloc got = STRALLOC_ZERO;
    assert_true(bytes_ready(&got, 1));
    assert_true(address_quote(&got, quotes[i].address, strlen(quotes[i].address)));
    if (got.len != strlen(quotes[i].quoted) || memcmp(got.s, quotes[i].quoted, got.len))
      fail_msg("%s: %.*s", quotes[i].address, (int)got.len, got.s);
    stralloc_free(&got);
  }
}

/* The argument, the address in it, what is left behind it; null: refused. */
static struct { char const *argument, *address, *rest; } const commands[] = {
  { "", "", "" },
  { "FROM", "", "" },
  { "FROM:", "", "" },
  { "FROM:<>", "", "" },
  { "<a@b>", "a@b", "" },
  { "FROM:<a@b>", "a@b", "" },
  { "FROM:<a@b> SIZE=9", "a@b", " SIZE=9" },
  { "FROM: a@b", "a@b", "" },
  { "FROM:a@b SIZE=9", "a@b", "SIZE=9" },
  { "from:   <a@b>", "a@b", "" },
  { "whatever<a@b>", "a@b", "" },
  { "FROM:<a@b", "a@b", "" },
  { "FROM:<a b@c>", "a b@c", "" },
  { "FROM:<\"a b\"@c>", "a b@c", "" },
  { "FROM:<\"a>b\"@c>x", "a>b@c", "x" },
  { "FROM:<a\\>b@c>x", "a>b@c", "x" },
  { "FROM:<\"a\\\"b\"@c>", "a\"b@c", "" },
  { "FROM:<a\\", "a", "" },
  { "FROM:<@x,@y:a@b>", "a@b", "" },
  { "FROM:<@x:@y:a@b>", "@y:a@b", "" },
  { "FROM:<@x>", "", "" },
  { "FROM:<a@[127.0.0.1]>", "a@[127.0.0.1]", "" },
  { "FROM:a@b AUTH=<>", "a@b", "AUTH=<>" },
  { "FROM:a@b AUTH=<c@d>", "a@b", "AUTH=<c@d>" },
  { "FROM: Joe <a@b>", "Joe", "<a@b>" },
  { "FROM: X=<a@b>", 0, 0 },
  { "FROM:a@b<c@d>", 0, 0 },
  { "FROM:\"a <b\"@c d<e", "a <b@c", "d<e" },
  { "FROM : <a@b>", "a@b", "" },
  { "FROM <a@b> X=Y:Z", "a@b", " X=Y:Z" },
  { "a@b", "", "" },
  { "a@b AUTH=<c@d>", 0, 0 },
  { "a@b X=Y:c@d", 0, 0 },
  { "FROM a@b", 0, 0 },
  { ":a@b X=:c", "a@b", "X=:c" },
  { "FROM:<a@b SIZE=9", "a@b", "SIZE=9" },
  { "FROM:<a@b AUTH=<c@d>", 0, 0 },
  { "FROM:<a@b X=c>d", "a@b X=c", "d" },
  { "FROM:<@x> SIZE=1:c@d", "", " SIZE=1:c@d" },
  { "FROM:@x X=Y:c@d", "", "X=Y:c@d" },
  { "FROM:@x:a@b X=Y:c@d", "a@b", "X=Y:c@d" },
  { "FROM:<@x,@y:a@b SIZE=9", "a@b", "SIZE=9" },
  { "FROM:\"a@b AUTH=<>", 0, 0 },
  { "FROM:<\"a@b> SIZE=9", 0, 0 },
  { "FROM:<<a@b>>", 0, 0 }
};

static void arguments_of_mail_and_rcpt(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    stralloc got = STRALLOC_ZERO;
    size_t rest, len = strlen(commands[i].argument);
    assert_true(bytes_ready(&got, 1));
    int r = address_from_command(&got, commands[i].argument, len, &rest);
    if (r != (commands[i].address != 0)) fail_msg("%s: %d, %.*s", commands[i].argument, r, (int)got.len, got.s);
    assert_true(!r || rest <= len);
    if (r && (got.len != strlen(commands[i].address) || memcmp(got.s, commands[i].address, got.len)
        || strcmp(commands[i].argument + rest, commands[i].rest)))
      fail_msg("%s: %.*s, %s", commands[i].argument, (int)got.len, got.s, commands[i].argument + rest);
    stralloc_free(&got);
  }
}

static void addresses_have_a_bound(void **state)
{
  (void)state;
  char argument[ADDRESS_MAX + 10];
  for (size_t n = ADDRESS_MAX - 1; n <= ADDRESS_MAX + 1; n++) {
    stralloc got = STRALLOC_ZERO;
    size_t rest;
    memset(argument, 'a', sizeof argument);
    argument[0] = '<';
    argument[n + 1] = '>';
    assert_int_equal(address_from_command(&got, argument, n + 2, &rest), n <= ADDRESS_MAX);
    if (n <= ADDRESS_MAX) assert_int_equal(got.len, n);
    stralloc_free(&got);
  }
}

static void the_last_at_divides(void **state)
{
  (void)state;
  assert_int_equal(address_at("", 0), 0);
  assert_int_equal(address_at("a", 1), 1);
  assert_int_equal(address_at("@", 1), 0);
  assert_int_equal(address_at("a@b@c", 5), 3);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(boxes_are_quoted_where_they_must), cmocka_unit_test(arguments_of_mail_and_rcpt),
    cmocka_unit_test(addresses_have_a_bound), cmocka_unit_test(the_last_at_divides)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
