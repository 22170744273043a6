/* What judges and changes posts: policies of domains, who is addressed, trailers, moderators' words; the odd ones first. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "addressed.h"
#include "dmarc.h"
#include "moderation.h"
#include "quoted_printable.h"
#include "text.h"
#include "trailer.h"

static struct { char const *text; enum dmarc policy; } const policies[] = {
  { "", DMARC_UNKNOWN },
  { ";", DMARC_UNKNOWN },
  { "v=spf1 -all; p=reject", DMARC_UNKNOWN },
  { "p=reject; v=DMARC1", DMARC_UNKNOWN },
  { "v=dmarc1; p=reject", DMARC_UNKNOWN },
  { "v=DMARC1", DMARC_OPEN },
  { "v=DMARC1; sp=reject", DMARC_OPEN },
  { "v=DMARC1; p=none; p=reject", DMARC_OPEN },
  { "v=DMARC1;p=reject", DMARC_STRICT },
  { " V = DMARC1 ;\tp = Quarantine ; rua=x", DMARC_STRICT },
  { "v=DMARC1; p=rejected", DMARC_OPEN },
};

static void policies_of_domains(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
    if (dmarc_policy(field_of(policies[i].text)) != policies[i].policy) fail_msg("%s", policies[i].text);
}

static struct { char const *from, *domain; } const froms[] = {
  { "", "" },
  { "nobody", "" },
  { "\"open <joe@example.net>", "" },
  { "Joe <joe@Example.NET>", "example.net" },
  { "joe (at) @ (x) example . net", "example.net" },
  { "\"a@b\"@c.example", "c.example" },
  { "Joe <joe@first.example>, ann@second.example", "first.example" },
  { "friends: joe@first.example, ann@second.example;", "first.example" },
  { "\"joe@bank.example\" <mallory@evil.example>", "evil.example" },
};

static void whose_domain_counts(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof froms / sizeof *froms; i++) {
    got.len = 0;
    if (dmarc_domain(&got, field_of(froms[i].from)) != (*froms[i].domain != 0) || strcmp(text_z(&got), froms[i].domain)) fail_msg("%s: %s", froms[i].from, got.s);
  }
  stralloc_free(&got);
}

static void answers_are_remembered(void **state)
{
  enum dmarc policy;
  stralloc memory = STRALLOC_ZERO, more = STRALLOC_ZERO;
  (void)state;
  dmarc_remember(&memory, field_of("5000 1 old.example\n6000 0 b.example\n6000 1 torn.exam"), field_of("a.example"), DMARC_STRICT, 9000);
  assert_string_equal(text_z(&memory), "9000 1 a.example\n6000 0 b.example\n");
  struct field all = { memory.s, memory.len };
  assert_true(dmarc_recall(&policy, all, field_of("a.example"), 9001) && policy == DMARC_STRICT);
  assert_true(dmarc_recall(&policy, all, field_of("b.example"), 9001) && policy == DMARC_OPEN);
  assert_false(dmarc_recall(&policy, all, field_of("b.example"), 6000 + DMARC_LIFE));
  assert_false(dmarc_recall(&policy, all, field_of("b.example"), 5999));
  assert_false(dmarc_recall(&policy, all, field_of("example"), 9001));
  for (unsigned i = 0; i < 5000; i++) {
    char name[] = "d0000.example";
    for (unsigned k = 4, n = i; k; k--, n /= 10) name[k] = (char)('0' + n % 10);
    more.len = 0;
    dmarc_remember(&more, (struct field){ memory.s, memory.len }, field_of(name), DMARC_OPEN, 9000);
    text_setb(&memory, more.s, more.len);
    assert_true(memory.len < DMARC_CACHE_MAX);
  }
  stralloc_free(&memory), stralloc_free(&more);
}

static struct { char const *value; bool is; } const addressees[] = {
  { "", false },
  { "sos@example.org", true },
  { "SOS@Example.ORG", true },
  { "joe-sos@example.org", true },
  { "sos@example.org.net", false },
  { "sosx@example.org", false },
  { "sos@sub.example.org", false },
  { "Joe <joe@x>, \"The list\" <sos@example.org> (hi)", true },
  { "\"sos@example.org\" <joe@x>", false },
  { "(sos@example.org) joe@x", false },
  { "lists: joe@x, sos (it) @ example.org;", true },
  { "joe@x, \"open, sos@example.org", true },
  { "joe@x, \"open, sos@example.orgs", false },
  { "joe@x,\n\t<sos@example.org>", true },
};

static void who_is_addressed(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof addressees / sizeof *addressees; i++)
    if (addressed_to(field_of(addressees[i].value), field_of("sos"), field_of("example.org")) != addressees[i].is) fail_msg("%s", addressees[i].value);
}

static struct { char const *line, *text, *all; } const lines[] = {
  { "", "x", "eA==\n" },
  { "YWJj", "x", "YWJj\neA==\n" },
  { "YQ==", "\n\xff\n", "YQ0K/w0K\n" },
  { "YWJjYWI=", "", "YWJj\nYWI=\n" },
  { "YWI", "x", 0 },
  { "YW!=", "x", 0 },
};

static void text_behind_base64(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    got.len = 0;
    bool is = trailer_base64(&got, field_of(lines[i].line), field_of(lines[i].text));
    if (is != (lines[i].all != 0) || strcmp(text_z(&got), is ? lines[i].all : "")) fail_msg("%s: %s", lines[i].line, got.s);
  }
  stralloc_free(&got);
}

static struct { char const *local, *rest, *word, *name; } const actions[] = {
  { "sos-accept-1.2.abcdefghijklmnopabcd", "1.2.abcdefghijklmnopabcd", "accept", "1.2" },
  { "a-sos-reject-1000000000.4711.abcdefghijklmnopabcd", "1000000000.4711.abcdefghijklmnopabcd", "reject", "1000000000.4711" },
  { "accept-1.2.abcdefghijklmnopabcd", "1.2.abcdefghijklmnopabcd", "accept", "1.2" },
  { "1.2.abcdefghijklmnopabcd", "1.2.abcdefghijklmnopabcd", 0, 0 },
  { "-1.2.abcdefghijklmnopabcd", "1.2.abcdefghijklmnopabcd", "", "1.2" },
  { "sos-accept-1.2.abcdefghijklmnopabc", "1.2.abcdefghijklmnopabc", 0, 0 },
  { "sos-accept-1.2.abcdefghijklmnopabcde", "1.2.abcdefghijklmnopabcde", 0, 0 },
  { "sos-accept-1.2", "1.2", 0, 0 },
  { "sos-accept-../x.abcdefghijklmnopabcd", "../x.abcdefghijklmnopabcd", 0, 0 },
  { "sos-accept-1..abcdefghijklmnopabcd", "1..abcdefghijklmnopabcd", 0, 0 },
  { "sos-accept-", "", 0, 0 },
  { "sos-accept-1.2.abcdefghijklmnopabcd", "2.2.abcdefghijklmnopabcd", 0, 0 },
  { "sos-accept-000000000000000000000000000000000000000000000000001.2.abcdefghijklmnopabcd",
    "000000000000000000000000000000000000000000000000001.2.abcdefghijklmnopabcd", 0, 0 },
};

static void what_an_address_wants(void **state)
{
  struct moderation_action a;
  (void)state;
  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
    bool is = moderation_read(&a, field_of(actions[i].local), field_of(actions[i].rest));
    if (is != (actions[i].word != 0) || (is && (!field_is(a.word, actions[i].word) || strcmp(a.name, actions[i].name)))) fail_msg("%s", actions[i].local);
  }
}

static struct { char const *body, *comment; } const comments[] = {
  { "", "" },
  { "no marks\n", "" },
  { "%%% Start\nno end\n", "" },
  { "%%% Start\n%%% End\n", "" },
  { "hi\n%%% Start\none\ntwo\n%%% End\nthree\n", "one\ntwo\n" },
  { "> %%% Start\n> one\ntwo\n> %%% End\n", "one\ntwo\n" },
  { "%%%\r\none\r\n%%%\r\n", "one\n" },
  { "1234567%%%\nno\n%%%\nx\n%%%", "x\n" },
  { "123 %%%\none\n%%%", "one\n" },
};

static void what_a_moderator_says(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof comments / sizeof *comments; i++) {
    got.len = 0;
    moderation_comment(&got, field_of(comments[i].body));
    if (strcmp(text_z(&got), comments[i].comment)) fail_msg("%s: %s", comments[i].body, got.s);
  }
  stralloc_free(&got);
}

static struct { char const *text, *plain; } const quoteds[] = {
  { "", "" }, { "=", "=" }, { "=4", "=4" }, { "=41=4", "A=4" }, { "a=\nb=\r\nc", "abc" }, { "=3d=3D=x1", "===x1" }, { "a=0Ab", "a\nb" },
};

static void quoted_printable_text(void **state)
{
  char text[100];
  (void)state;
  for (size_t i = 0; i < sizeof quoteds / sizeof *quoteds; i++) {
    strcpy(text, quoteds[i].text);
    size_t len = quoted_printable_decode(text, strlen(text));
    if (!field_is((struct field){ text, len }, quoteds[i].plain)) fail_msg("%s", quoteds[i].text);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(policies_of_domains),
    cmocka_unit_test(whose_domain_counts),
    cmocka_unit_test(answers_are_remembered),
    cmocka_unit_test(who_is_addressed),
    cmocka_unit_test(text_behind_base64),
    cmocka_unit_test(what_an_address_wants),
    cmocka_unit_test(what_a_moderator_says),
    cmocka_unit_test(quoted_printable_text),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
