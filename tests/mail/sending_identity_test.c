/* As whom this host sends: which lines speak for a sender, and what they say. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sending_identity.h"

static char const helohosts[] = "a.example:mail.a.example\n.b.example:mail.b.example\n<>:bounces.example\nempty.example:\n";
static char const bindings[] = "a.example:192.0.2.5,2001:db8::5\n.b.example:192.0.2.6\n<>:192.0.2.7\n:192.0.2.8\nempty.example:\n";

static struct { char const *sender, *general, *wanted; } const senders[] = {
  { "joe@a.example", "", "mail.a.example\n192.0.2.5,2001:db8::5 " },
  { "joe@A.Example", "", "mail.a.example\n192.0.2.5,2001:db8::5 " },
  { "a@b@x.b.example", "2001:db8::1", "mail.b.example\n192.0.2.6 2001:db8::1" },
  { "joe@b.example", "", "\n192.0.2.8 " },
  { "", "", "bounces.example\n192.0.2.7 " },
  { "<>", "", "\n192.0.2.8 " },
  { "joe", "", "\n192.0.2.8 " },
  { "#@[]", "", "\n192.0.2.8 " },
  { "joe@empty.example", "", "" },
  { "joe@empty.example", "192.0.2.9", "\n 192.0.2.9" },
};

static void each_sender_has_his_lines(void **state)
{
  stralloc text = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof senders / sizeof *senders; i++) {
    struct sending_identities all = { .outgoingip = STRALLOC_ZERO };
    assert_true(nameset_map(&all.helohosts, helohosts, strlen(helohosts)));
    assert_true(nameset_map(&all.bindings, bindings, strlen(bindings)));
    all.outgoingip = (stralloc){ .s = (char *)senders[i].general, .len = strlen(senders[i].general) };
    assert_true(sending_identity_find(&text, &all, senders[i].sender));
    assert_string_equal(text.s, senders[i].wanted);
    assert_int_equal(text.len, strlen(senders[i].wanted));
    nameset_free(&all.helohosts);
    nameset_free(&all.bindings);
  }
  stralloc_free(&text);
}

static void without_files_nothing_is_said(void **state)
{
  stralloc text = STRALLOC_ZERO;
  struct sending_identities const none = { .outgoingip = STRALLOC_ZERO };
  (void)state;
  assert_true(sending_identity_find(&text, &none, "joe@a.example") && !text.len && !*text.s);
  assert_true(sending_identity_find(&text, &none, "") && !text.len);
  stralloc_free(&text);
}

static void what_is_too_long_makes_no_sense(void **state)
{
  static char line[2 * SENDING_IDENTITY_MAX];
  stralloc text = STRALLOC_ZERO;
  struct sending_identity identity;
  struct sending_identities all = { .outgoingip = { .s = line, .len = SENDING_IDENTITY_MAX - 2 } };
  (void)state;
  memset(line, ' ', sizeof line);
  assert_true(sending_identity_find(&text, &all, "") && text.len == SENDING_IDENTITY_MAX);
  assert_true(sending_identity_read(&identity, text.s, text.len));
  all.outgoingip.len++;
  assert_true(sending_identity_find(&text, &all, "") && text.len < 10);
  assert_false(sending_identity_read(&identity, text.s, text.len));
  stralloc_free(&text);
}

#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* An address is written as ip46_fmt writes it; null: no address of that family. */
static struct { char const *text; bool read; char const *helo, *four, *six; } const texts[] = {
  { "", true, "", 0, 0 },
  { "h.example", true, "h.example", 0, 0 },
  { "h.example\n", true, "h.example", 0, 0 },
  { "\n192.0.2.5", true, "", "192.0.2.5", 0 },
  { "h\n2001:db8::5 192.0.2.5", true, "h", "192.0.2.5", "2001:db8::5" },
  { "h\n,192.0.2.5,\t 192.0.2.6,2001:db8::5,2001:db8::6,", true, "h", "192.0.2.5", "2001:db8::5" },
  { "h\n0.0.0.0 192.0.2.6", true, "h", 0, 0 },
  { "h\n:: 2001:db8::6 192.0.2.6", true, "h", "192.0.2.6", 0 },
  { "a b\n", false, 0, 0, 0 },
  { "a\tb", false, 0, 0, 0 },
  { "caf\xe9", false, 0, 0, 0 },
  { "h\n192.0.2.256", false, 0, 0, 0 },
  { "h\n192.0.2.5/24", false, 0, 0, 0 },
  { "h\n192.0.2.5\nx", false, 0, 0, 0 },
  { "h\nmail.example.org", false, 0, 0, 0 },
  { "h\n[192.0.2.5]", false, 0, 0, 0 },
  { LONG LONG LONG, true, LONG LONG LONG, 0, 0 },
  { LONG LONG LONG "a", false, 0, 0, 0 },
};

static void has_address(struct sending_identity const *identity, int family, char const *wanted)
{
  char text[IP46_FMT + 1];
  assert_int_equal(identity->is_bound[family], wanted != 0);
  if (!wanted) return;
  text[ip46_fmt(text, &identity->source[family])] = 0;
  assert_string_equal(text, wanted);
}

static void texts_are_read(void **state)
{
  (void)state;
  assert_int_equal(3 * strlen(LONG), SENDING_HELO_MAX);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct sending_identity identity;
    assert_int_equal(sending_identity_read(&identity, texts[i].text, strlen(texts[i].text)), texts[i].read);
    if (!texts[i].read) continue;
    assert_true(identity.helo.len == strlen(texts[i].helo) && !memcmp(identity.helo.s, texts[i].helo, identity.helo.len));
    has_address(&identity, SENDING_IP4, texts[i].four);
    has_address(&identity, SENDING_IP6, texts[i].six);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(each_sender_has_his_lines), cmocka_unit_test(without_files_nothing_is_said),
    cmocka_unit_test(what_is_too_long_makes_no_sense), cmocka_unit_test(texts_are_read),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
