/* Lines that name a DNS list, what its answers mean, and what it is asked; the odd ones first. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns_list.h"
#include "literal.h"

/* In a block of its own size, so that a byte read behind it is an error for the sanitizer. */
static char *exactly(char const *s, size_t *len)
{
  *len = strlen(s);
  char *exact = malloc(*len + !*len);
  memcpy(exact, s, *len);
  return exact;
}

static struct { char const *line, *zone, *text; int action, points; } const good[] = {
  { "a.b:127.*.*.*:1000",                     "a.b", "", LIST_COUNTS, 1000 },
  { "a.b:2:-5",                               "a.b", "", LIST_COUNTS, -5 },
  { "a.b:2:refuse:",                          "a.b", "", LIST_REFUSES, 0 },
  { "a.b:2:refuse:see https://x.example/%",   "a.b", "see https://x.example/%", LIST_REFUSES, 0 },
  { "key_1.zen.DQ.example.net:2-4,9-11:defer", "key_1.zen.DQ.example.net", "", LIST_DEFERS, 0 },
  { "a.b:*:connect",                          "a.b", "", LIST_TURNS_AWAY, 0 },
  { "a.b:127.0.*.1-3,127.0.1.2:white",        "a.b", "", LIST_SPARES, 0 },
};

static void good_lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    size_t len;
    struct dns_list l;
    char *line = exactly(good[i].line, &len);
    char const *why = dns_list_read(&l, line, len);
    if (why) fail_msg("%s: %s", good[i].line, why);
    if (!field_is(l.zone, good[i].zone) || !field_is(l.text, good[i].text)) fail_msg("%s", good[i].line);
    if ((int)l.action != good[i].action || l.points != good[i].points) fail_msg("%s: %d %d", good[i].line, (int)l.action, l.points);
    free(line);
  }
}

static char const *const bad[] = {
  "", ":", "::", ":::", "a.b", "a.b:2", "a.b::refuse", ":2:refuse", "a:2:refuse", "a.b.:2:refuse", ".a.b:2:refuse", "a..b:2:refuse",
  "a b.c:2:refuse", "a/b.c:2:refuse",
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b:2:refuse",
  "a.b:256:refuse", "a.b:4-2:refuse", "a.b:2-:refuse", "a.b:-2:refuse", "a.b:2-3-4:refuse", "a.b:,:refuse", "a.b:2,,3:refuse", "a.b: 2:refuse",
  "a.b:126.0.0.2:refuse", "a.b:*.0.0.2:refuse", "a.b:127.0.0:refuse", "a.b:127.0.0.2.3:refuse", "a.b:127.0.0.:refuse", "a.b:127-128.0.0.2:refuse",
  "a.b:99999999999999999999:refuse", "a.b:2:", "a.b:2:0", "a.b:2:-", "a.b:2:-0", "a.b:2:1001", "a.b:2:5x", "a.b:2:Refuse", "a.b:2:refuse it"
};

static void bad_lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    size_t len;
    struct dns_list l;
    char *line = exactly(bad[i], &len);
    if (!dns_list_read(&l, line, len)) fail_msg("%s", bad[i]);
    free(line);
  }
}

static struct { char const *codes; unsigned char code[DNS_LIST_CODE]; bool counts; } const answers[] = {
  { "*",                 { 127, 255, 255, 254 }, false },
  { "127.*.*.*",         { 127, 255, 255, 252 }, false },
  { "127.*.*.*",         { 127, 255, 254, 1 },   true },
  { "127.*.*.*",         { 192, 0, 2, 1 },       false },
  { "*",                 { 127, 0, 1, 2 },       false },
  { "*",                 { 127, 0, 0, 0 },       true },
  { "2-4,9",             { 127, 0, 0, 2 },       true },
  { "2-4,9",             { 127, 0, 0, 4 },       true },
  { "2-4,9",             { 127, 0, 0, 9 },       true },
  { "2-4,9",             { 127, 0, 0, 5 },       false },
  { "2-4,9",             { 127, 0, 1, 4 },       false },
  { "127.0.*.1-3",       { 127, 0, 12, 3 },      true },
  { "127.0.*.1-3",       { 127, 0, 12, 0 },      false },
  { "127.0.*.1-3",       { 127, 0, 0, 255 },     false },
};

static void codes(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    struct dns_list const l = { .codes = field_of(answers[i].codes) };
    if (dns_list_counts(&l, answers[i].code) != answers[i].counts) fail_msg("%zu: %s", i, answers[i].codes);
  }
}

static struct { char const *ip, *name; } const questions[] = {
  { "203.0.113.5",  "5.113.0.203.bl.example" },
  { "127.0.0.2",    "2.0.0.127.bl.example" },
  { "255.10.9.100", "100.9.10.255.bl.example" },
  { "2001:db8::ab", "b.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example" },
};

static void names(void **state)
{
  (void)state;
  char name[DNS_NAME_MAX + 1], zone[DNS_NAME_MAX + 1];
  struct dns_list l = { .zone = field_of("bl.example") };
  ip46 ip;
  for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
    assert_true(literal_number(&ip, questions[i].ip, strlen(questions[i].ip)));
    assert_true(dns_list_name(name, &l, &ip));
    assert_string_equal(name, questions[i].name);
  }
  memset(zone, 'a', sizeof zone);
  l.zone = (struct field){ zone, DNS_NAME_MAX - 66 };
  assert_true(dns_list_name(name, &l, &ip));
  l.zone.len++;
  assert_false(dns_list_name(name, &l, &ip));
}

static struct { char const *ip; bool no_matter; } const places[] = {
  { "127.0.0.1", true }, { "10.255.0.1", true }, { "0.0.0.0", true }, { "172.15.0.1", false }, { "172.16.0.1", true },
  { "172.31.0.1", true }, { "172.32.0.1", false }, { "192.168.0.1", true }, { "192.169.0.1", false }, { "169.254.0.1", true },
  { "203.0.113.5", false }, { "::1", true }, { "::2", false }, { "fe80::1", true }, { "febf::1", true }, { "fec0::1", false },
  { "fc00::1", true }, { "fd77::1", true }, { "fe00::1", false }, { "2001:db8::1", false },
};

static void who_is_asked_about(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    ip46 ip;
    assert_true(literal_number(&ip, places[i].ip, strlen(places[i].ip)));
    if (dns_list_is_no_matter(&ip) != places[i].no_matter) fail_msg("%s", places[i].ip);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(good_lines), cmocka_unit_test(bad_lines), cmocka_unit_test(codes), cmocka_unit_test(names),
    cmocka_unit_test(who_is_asked_about)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
