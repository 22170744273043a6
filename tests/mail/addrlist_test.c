/* Address lists: grammar, completion, canonical form and folding, as one goes through all of them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "addrlist.h"
#include "rewrite.h"
#include "text.h"
#include "unparse.h"

static struct rewrite_rules rules;
static struct addrlist list = ADDRLIST_ZERO;
static stralloc text = STRALLOC_ZERO, written = STRALLOC_ZERO, envelope = STRALLOC_ZERO;

static int set_rules(void **state)
{
  (void)state;
  text_set(&rules.host, "h");
  text_set(&rules.domain, "d.org");
  text_set(&rules.plus, "org");
  return 0;
}

/* The addresses as the envelope gets them: from right to left, '|' behind each. */
static void read_list(char const *s)
{
  text.len = written.len = envelope.len = 0;
  token_unfold(&text, s, strlen(s));
  if (addrlist_parse(&list, text.s, text.len) != ADDRLIST_OK) return;
  unparse(&written, "To", 2, &list, &rules);
  for (size_t i = 0; i < addrlist_count(&list); i++) {
    rewrite_address(0, &envelope, &rules, genalloc_s(struct token, &list.tokens), *addrlist_span(&list, i));
    text_addc(&envelope, '|');
  }
}

static struct { char const *in, *written, *envelope; } const good[] = {
  /* odd ones */
  { "",                               "To:\n",                                   "" },
  { " \n",                            "To:\n",                                   "" },
  { ",",                              "To: ,\n",                                 "" },
  { ",,a,,",                          "To: , , a@h.d.org, ,\n",                  "a@h.d.org|" },
  { "(only a comment)",               "To: (only a comment)\n",                  "" },
  { "<>",                             "To: <>\n",                                "|" },
  { "Nobody <>",                      "To: Nobody <>\n",                         "|" },
  { "<(c)>",                          "To: <(c)>\n",                             "|" },
  { ";",                              "To: ;\n",                                 "" },
  { "a;",                             "To: a@h.d.org;\n",                        "a@h.d.org|" },
  { ":;",                             "To: : ;\n",                               "" },
  { "\"\"@x.y",                       "To: \"\"@x.y\n",                          "@x.y|" },
  { "a@b@c.d",                        "To: a@b@c.d\n",                           "a@b@c.d|" },
  /* completion: section 5 */
  { "joe",                            "To: joe@h.d.org\n",                       "joe@h.d.org|" },
  { "joe@m",                          "To: joe@m.d.org\n",                       "joe@m.d.org|" },
  { "joe@m+",                         "To: joe@m.org\n",                         "joe@m.org|" },
  { "joe@m.n+",                       "To: joe@m.n.org\n",                       "joe@m.n.org|" },
  { "joe@m.n",                        "To: joe@m.n\n",                           "joe@m.n|" },
  { "joe@m.n.",                       "To: joe@m.n\n",                           "joe@m.n|" },
  { "joe@m.",                         "To: joe@m.d.org\n",                       "joe@m.d.org|" },
  { "joe.",                           "To: joe@h.d.org\n",                       "joe@h.d.org|" },
  { "joe@",                           "To: joe@h.d.org\n",                       "joe@h.d.org|" },
  { "joe@.",                          "To: joe@h.d.org\n",                       "joe@h.d.org|" },
  { "joe+",                           "To: joe+@h.d.org\n",                      "joe+@h.d.org|" },
  { "joe@[1.2.3.4]",                  "To: joe@[1.2.3.4]\n",                     "joe@[1.2.3.4]|" },
  { "joe@[IPv6:::1]",                 "To: joe@[IPv6:::1]\n",                    "joe@[IPv6:::1]|" },
  { "<@x,@y:joe@m.n>",                "To: <joe@m.n>\n",                         "joe@m.n|" },
  { "<@x:@y:joe@m>",                  "To: <joe@m.d.org>\n",                     "joe@m.d.org|" },
  { "me-@h-@[]",                      "To: me-@h-@[]\n",                         "me-@h-@[]|" },
  { "#@[]",                           "To: #@[]\n",                              "#@[]|" },
  { "\"a@b\"",                        "To: \"a@b\"@h.d.org\n",                   "a@b@h.d.org|" },
  { "a\\@b",                          "To: \"a@b\"@h.d.org\n",                   "a@b@h.d.org|" },
  { "\"a b\"@c.d",                    "To: \"a b\"@c.d\n",                       "a b@c.d|" },
  { "J\303\266rg@x\303\244.y",        "To: J\303\266rg@xn--x-0fa.y\n",          "J\303\266rg@xn--x-0fa.y|" },
  /* grammar: section 6 */
  { "djb fred",                       "To: djb@h.d.org, fred@h.d.org\n",         "fred@h.d.org|djb@h.d.org|" },
  { "\"a\"b@c",                       "To: \"a\"@h.d.org, b@c.d.org\n",          "b@c.d.org|a@h.d.org|" },
  { "djb (D) fred (F)",               "To: djb@h.d.org (D), fred@h.d.org (F)\n", "fred@h.d.org|djb@h.d.org|" },
  { "<a@b.c> joe",                    "To: <a@b.c>, joe@h.d.org\n",              "joe@h.d.org|a@b.c|" },
  { "<a@b.c> Joe <j@b.c>",            "To: <a@b.c>, Joe <j@b.c>\n",              "j@b.c|a@b.c|" },
  { "<a@b.c><j@b.c>",                 "To: <a@b.c>, <j@b.c>\n",                  "j@b.c|a@b.c|" },
  { "<a@b.c> (c) joe",                "To: <a@b.c> (c), joe@h.d.org\n",          "joe@h.d.org|a@b.c|" },
  { "joe . doe @ m . n",              "To: joe.doe@m.n\n",                       "joe.doe@m.n|" },
  { "joe(x)@(y)m.n(z)",               "To: joe@m.n (x) (y) (z)\n",               "joe@m.n|" },
  { "(x)joe@m.n",                     "To: (x) joe@m.n\n",                       "joe@m.n|" },
  { "Joe(x)<joe@m.n>(y)",             "To: Joe (x) <joe@m.n> (y)\n",             "joe@m.n|" },
  { "joe@m.n(a(b(c)))",               "To: joe@m.n (a(b(c)))\n",                 "joe@m.n|" },
  { "friends:a,b;",                   "To: friends: a@h.d.org, b@h.d.org;\n",    "b@h.d.org|a@h.d.org|" },
  { "a, my friends : b ; , c",        "To: a@h.d.org, my friends: b@h.d.org;, c@h.d.org\n",
                                                                                 "c@h.d.org|b@h.d.org|a@h.d.org|" },
  { "recipient list not shown: ;",    "To: recipient list not shown: ;\n",       "" },
  { "undisclosed-recipients:;",       "To: undisclosed-recipients: ;\n",         "" },
  { "x: a; y: b;",                    "To: x: a@h.d.org;, y: b@h.d.org;\n",      "b@h.d.org|a@h.d.org|" },
  { "x: A <a@b.c>; d",                "To: x: A <a@b.c>;, d@h.d.org\n",          "d@h.d.org|a@b.c|" },
  { "x.y@z: a;",                      "To: x.y@z: a@h.d.org;\n",                 "a@h.d.org|" },
  /* names survive */
  { "Joe Q. Public <j@b.c>",          "To: Joe Q. Public <j@b.c>\n",             "j@b.c|" },
  { "joe@work (x) <j@b.c>",           "To: joe@work (x) <j@b.c>\n",              "j@b.c|" },
  { "J\303\266rg M\303\274ller<j@b.c>", "To: J\303\266rg M\303\274ller <j@b.c>\n", "j@b.c|" },
  { "=?utf-8?Q?J=C3=B6rg?= <j@b.c>",  "To: =?utf-8?Q?J=C3=B6rg?= <j@b.c>\n",     "j@b.c|" },
  { "=?utf-8?Q?Doe,_J.?= <j@b.c>",    "To: =?utf-8?Q?Doe,_J.?= <j@b.c>\n",       "j@b.c|" },
  { "=?u?B?QQ==?=\n =?u?B?QQ==?= <j@b.c>", "To: =?u?B?QQ==?= =?u?B?QQ==?= <j@b.c>\n", "j@b.c|" },
  { "\"Doe, \\\"J\\\" (x)\" <j@b.c>", "To: \"Doe, \\\"J\\\" (x)\" <j@b.c>\n",    "j@b.c|" },
  { "\"folded\n name\" <j@b.c>",      "To: \"folded name\" <j@b.c>\n",           "j@b.c|" },
  { "O'Neill a/b+c=d <j@b.c>",        "To: O'Neill a/b+c=d <j@b.c>\n",           "j@b.c|" },
  { "a\\b)c <j@b.c>",                 "To: \"ab\\)c\" <j@b.c>\n",                "j@b.c|" },
  { "=?u?Q?a,b?=",                    "To: \"=?u?Q?a,b?=\"@h.d.org\n",           "=?u?Q?a,b?=@h.d.org|" },
};

static void lists_are_read_and_written(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    read_list(good[i].in);
    if (strcmp(text_z(&written), good[i].written)) fail_msg("%s: written %s", good[i].in, written.s);
    if (strcmp(text_z(&envelope), good[i].envelope)) fail_msg("%s: envelope %s", good[i].in, envelope.s);
  }
}

static void what_was_written_stays(void **state)
{
  (void)state;
  stralloc before = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    text_set(&before, good[i].written + 3);
    read_list(text_z(&before));
    if (strcmp(text_z(&written), good[i].written)) fail_msg("%s: written again %s", good[i].in, written.s);
  }
}

static char const *const bad[] = {
  "<", ">", "<a", "a>", "a <b", "<a>>", "<<a>", "<a<b>>", "<a;b>", "a > b", "a:", "a: b", "a: b, c", "a: b: c;", "a;b;",
  "x: a; b;", "<a b@c>", "<\"a\"b@c>", "<a,b>", "<a:b>", "<@a>", "<@a,@b>", "<@a:>", "<@a:b:c>", "<@a:b,c>", "@a", "@",
  ".", "<.>", "<@>", "@a:b@c", "\"a", "(a", "a)b )", "[a", "a@[1.2.3.4"
};

static void nonsense_is_refused(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (addrlist_parse(&list, bad[i], strlen(bad[i])) != ADDRLIST_SYNTAX) fail_msg("accepted: %s", bad[i]);
}

static void add_many(stralloc *to, char c, size_t count)
{
  while (count--) text_addc(to, c);
}

/* "To: aaa@b.c, bbb@b.c": exactly 78 bytes still make one line. */
static void lines_fold_behind_commas(void **state)
{
  (void)state;
  for (size_t line = UNPARSE_LINE - 1; line <= UNPARSE_LINE + 1; line++) {
    stralloc in = STRALLOC_ZERO;
    add_many(&in, 'a', 30);
    text_add(&in, "@b.c,");
    add_many(&in, 'b', line - 4 - 30 - 6 - 4);
    text_add(&in, "@b.c");
    read_list(text_z(&in));
    assert_int_equal(strchr(text_z(&written), '\n') - written.s, line <= UNPARSE_LINE ? line : 4 + 30 + 5);
    assert_non_null(strstr(written.s, line <= UNPARSE_LINE ? ", b" : ",\n  b"));
    stralloc_free(&in);
  }
}

static void a_line_never_exceeds_its_length_with_many(void **state)
{
  (void)state;
  stralloc in = STRALLOC_ZERO;
  for (int i = 0; i < 500; i++) text_add(&in, i % 3 ? "short, " : "somebody.with.a.longer.name@x, ");
  read_list(text_z(&in));
  for (char const *s = text_z(&written); *s; s = strchr(s, '\n') + 1) {
    size_t len = (size_t)(strchr(s, '\n') - s);
    assert_true(len <= UNPARSE_LINE);
    assert_true(s == written.s || !memcmp(s, "  ", 2));
  }
  assert_int_equal(addrlist_count(&list), 500);
  stralloc_free(&in);
}

static void long_encoded_names_fold(void **state)
{
  (void)state;
  stralloc in = STRALLOC_ZERO;
  for (int i = 0; i < 5; i++) text_add(&in, "=?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?= ");
  text_add(&in, "<j@b.c>");
  read_list(text_z(&in));
  assert_string_equal(text_z(&written),
                      "To: =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\n"
                      "  =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\n"
                      "  =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\n"
                      "  =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\n"
                      "  =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?= <j@b.c>\n");
  stralloc_free(&in);
}

static void the_number_of_addresses_has_a_limit(void **state)
{
  (void)state;
  stralloc in = STRALLOC_ZERO;
  for (size_t i = 0; i < ADDRLIST_MAX - 1; i++) text_add(&in, "a ");
  assert_int_equal(addrlist_parse(&list, in.s, in.len), ADDRLIST_OK);
  text_add(&in, "a ");
  assert_int_equal(addrlist_parse(&list, in.s, in.len), ADDRLIST_OK);
  text_add(&in, "a ");
  assert_int_equal(addrlist_parse(&list, in.s, in.len), ADDRLIST_TOO_MANY);
  stralloc_free(&in);
}

/* A megabyte of each sign, alone and in pairs, and of what nests. */
static void work_grows_with_length_only(void **state)
{
  (void)state;
  static char const *const pieces[] = {
    ",", "a", "a ", "a.", "@", "a@b,", "<", ">", "<>", "(", ")", "()", "\"", "\"\"", "[", "[]", ":", ";", ":;", "a:b;",
    "\\", "\\\\", "=?", "=?u?Q?", "=?u?Q?a?= ", "\"a\" ", "(a", "<a@b>", "@a,", "a\n "
  };
  stralloc in = STRALLOC_ZERO, out = STRALLOC_ZERO;
  clock_t begin = clock();
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    in.len = out.len = text.len = 0;
    while (in.len < 1 << 20) text_add(&in, pieces[i]);
    token_unfold(&text, in.s, in.len);
    if (addrlist_parse(&list, text.s, text.len) == ADDRLIST_OK) unparse(&out, "To", 2, &list, &rules);
  }
  assert_true(clock() - begin < 20 * CLOCKS_PER_SEC);
  stralloc_free(&in);
  stralloc_free(&out);
}

static unsigned long soup_seed = 1;

static unsigned soup_random(unsigned below)
{
  soup_seed = soup_seed * 6364136223846793005UL + 1442695040888963407UL;
  return (unsigned)(soup_seed >> 33) % below;
}

/* Whatever is accepted, once written reads as the same addresses and is written the same way again. */
static void soup_settles_at_the_first_writing(void **state)
{
  (void)state;
  static char const *const pieces[] = {
    "a", "b.c", " ", "\t", "@", ".", ",", ",", "<", "<x@y>", ">", "(c)", "(", ")", ":", ";", "g: ", "; ", "\"q s\"", "\"", "\\",
    "[1]", "[]", "=?u?Q?e,?=", "=?u?B?QQ==?= ", "\303\266", "+", "\r", "\n ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, ", "@r,@s:"
  };
  stralloc in = STRALLOC_ZERO, once = STRALLOC_ZERO, wire = STRALLOC_ZERO;
  size_t accepted = 0;
  for (int round = 0; round < 200000; round++) {
    in.len = 0;
    for (unsigned n = soup_random(12); n; n--) text_add(&in, pieces[soup_random(sizeof pieces / sizeof *pieces)]);
    read_list(text_z(&in));
    if (!written.len) continue;
    accepted++;
    text_setb(&once, written.s, written.len);
    text_setb(&wire, envelope.s, envelope.len);
    read_list(text_z(&once) + 3);
    if (strcmp(once.s, text_z(&written))) fail_msg("%s\nfirst  %ssecond %s", in.s, once.s, written.s);
    if (strcmp(text_z(&wire), text_z(&envelope))) fail_msg("%s: %s, then %s", in.s, wire.s, envelope.s);
  }
  assert_true(accepted > 10000);
  stralloc_free(&in);
  stralloc_free(&once);
  stralloc_free(&wire);
}

static struct { char const *in; bool sound; char const *header, *envelope; } const raw[] = {
  { "",                    true,  "", "" },
  { "<>",                  true,  "", "" },
  { "<joe@m.n>",           true,  "joe@m.n", "joe@m.n" },
  { "joe",                 true,  "joe@h.d.org", "joe@h.d.org" },
  { "joe@m+",              true,  "joe@m.org", "joe@m.org" },
  { "a b",                 true,  "\"a b\"@h.d.org", "a b@h.d.org" },
  { "a b@c.d",             true,  "\"a b\"@c.d", "a b@c.d" },
  { "a\"b@c.d",            true,  "\"a\\\"b\"@c.d", "a\"b@c.d" },
  { "a@b@c.d",             true,  "\"a@b\"@c.d", "a@b@c.d" },
  { "a,b@c.d",             true,  "\"a,b\"@c.d", "a,b@c.d" },
  { "#@[]",                true,  "#@[]", "#@[]" },
  { "me-@h-@[]",           true,  "\"me-@h-\"@[]", "me-@h-@[]" },
  { ".joe@c.d",            true,  "\".joe\"@c.d", ".joe@c.d" },
  { "@c.d",                true,  "\"\"@c.d", "@c.d" },
  { "J\303\266rg@x.y",     true,  "J\303\266rg@x.y", "J\303\266rg@x.y" },
  { "joe@[1.2.3.4]",       true,  "joe@[1.2.3.4]", "joe@[1.2.3.4]" },
  { "joe@m n",             false, 0, 0 },
  { "joe@m,n",             false, 0, 0 },
  { "joe@m (c)",           false, 0, 0 },
  { "joe@m>",              false, 0, 0 },
  { "joe@[m",              false, 0, 0 },
  { "joe\n@m.n",           false, 0, 0 },
  { "joe@m.n\r",           false, 0, 0 },
};

static void raw_addresses_are_completed(void **state)
{
  (void)state;
  stralloc header = STRALLOC_ZERO, wire = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
    bool sound = rewrite_raw(&header, &wire, &rules, raw[i].in, strlen(raw[i].in));
    if (sound != raw[i].sound) fail_msg("%s: %d", raw[i].in, sound);
    if (!sound) continue;
    assert_string_equal(text_z(&header), raw[i].header);
    assert_string_equal(text_z(&wire), raw[i].envelope);
  }
  assert_false(rewrite_raw(&header, &wire, &rules, "a\0b", 3));
  stralloc_free(&header);
  stralloc_free(&wire);
}

static void default_hosts_are_completed_too(void **state)
{
  (void)state;
  static struct { char const *host, *to; } const hosts[] = {
    { "h", "joe@h.d.org" }, { "h.x", "joe@h.x" }, { "h+", "joe@h.org" }, { "[1.2.3.4]", "joe@[1.2.3.4]" }, { "", "joe@.d.org" }
  };
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
    text_set(&rules.host, hosts[i].host);
    read_list("joe");
    envelope.len--;
    assert_string_equal(text_z(&envelope), hosts[i].to);
  }
  set_rules(state);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(lists_are_read_and_written),
    cmocka_unit_test(what_was_written_stays),
    cmocka_unit_test(nonsense_is_refused),
    cmocka_unit_test(lines_fold_behind_commas),
    cmocka_unit_test(a_line_never_exceeds_its_length_with_many),
    cmocka_unit_test(long_encoded_names_fold),
    cmocka_unit_test(the_number_of_addresses_has_a_limit),
    cmocka_unit_test(work_grows_with_length_only),
    cmocka_unit_test(soup_settles_at_the_first_writing),
    cmocka_unit_test(raw_addresses_are_completed),
    cmocka_unit_test(default_hosts_are_completed_too)
  };
  return cmocka_run_group_tests(tests, set_rules, 0);
}
