/* Subjects and authors as archives have them, the odd ones first. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "author.h"
#include "subject.h"
#include "text.h"

static struct { char const *value, *decoded; } const decodings[] = {
  { "", "" },
  { "=?", "=?" },
  { "=?utf-8?q?open", "=?utf-8?q?open" },
  { "=?utf-8?x?a?=", "=?utf-8?x?a?=" },
  { "=?utf-8?q?" "?=", "" },
  { "=?UTF-8?Q?a=5Fb_c=?=", "a_b c=" },
  { "=?utf-8?q?a?= \t =?utf-8?q?b?= c", "ab c" },
  { "=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c" },
  { "=?utf-8?b?YWJj?=", "abc" },
  { "=?utf-8?b?YWI?=", "ab" },
  { "=?utf-8?b?!?=", "!" },
  { "=?utf-8?q?a=0Ab=0Dc?=", "a b c" },
  { "=?iso-2022-jp?q?=1B$B1=1B(B?= =?iso-2022-jp?q?=1B$B2=1B(B?=", "\033$B1\033$B2\033(B" },
};

static void words_are_decoded(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof decodings / sizeof *decodings; i++) {
    got.len = 0;
    subject_decode(&got, field_of(decodings[i].value));
    if (!field_is((struct field){ text_z(&got), got.len }, decodings[i].decoded)) fail_msg("%s: %s", decodings[i].value, got.s);
  }
  stralloc_free(&got);
}

enum { RE = SUBJECT_IS_REPLY, PREFIX = SUBJECT_HAS_PREFIX };

static struct { char const *value, *prefix, *normal; unsigned what; } const subjects[] = {
  { "", "", "", 0 },
  { "   ", "[a]", "", 0 },
  { "Re:", "", "", RE },
  { "Re: ", "[a]", "", RE },
  { "Test", "", "Test", 0 },
  { "Re: AW: Fwd: foo: Test", "", "Test", RE },
  { "Re[3]: Test", "", "Test", RE },
  { "Re(2): Test-Reply -Reply", "", "Test", RE },
  { "Re2: Test", "", "Test", RE },
  { "R: Test", "", "R: Test", 0 },
  { "Antwort: Test", "", "Antwort: Test", 0 },
  { "Re:Test", "", "Re:Test", 0 },
  { "Re: [sos] Re: Test", "[sos]", "Test", RE | PREFIX },
  { "[s o s]Test", "[sos]", "Test", PREFIX },
  { "[sos] [sos] Test", "[ sos ]", "Test", PREFIX },
  { "[sos] Test", "", "[sos] Test", 0 },
  { "[sos 17] Test", "[sos #]", "Test", PREFIX },
  { "[sos] Test", "[sos #]", "Test", PREFIX },
  { "[sos x] Test", "[sos #]", "[sos x] Test", 0 },
  { "[sos", "[sos]", "[sos", 0 },
  { "folded\n\t  over\n lines  \n", "", "folded over lines", 0 },
  { "=?utf-8?q?Re:_[sos]_J=C3=BCrgen?=", "[sos]", "J\303\274rgen", RE | PREFIX },
  { "12 Test", "#", "12 Test", 0 },
};

static void what_stands_in_front_goes(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
    got.len = 0;
    unsigned what = subject_normal(&got, field_of(subjects[i].value), field_of(subjects[i].prefix));
    if (what != subjects[i].what || !field_is((struct field){ text_z(&got), got.len }, subjects[i].normal))
      fail_msg("%s: %s %u", subjects[i].value, got.s, what);
  }
  stralloc_free(&got);
}

static struct { char const *from, *name, *hash_of; } const authors[] = {
  { "", "", "" },
  { "<>", "", "<>" },
  { "nobody", "nobody", "nobody" },
  { "joe@example.com", "joe.example.com", "joe@example.com" },
  { "Joe User <joe-list@example.com>", "Joe User", "<joe@example.com" },
  { "\"User, Joe\" <joe@example.com>", "User, Joe", "<joe@example.com" },
  { "\"a < b\" <joe@example.com>", "a < b", "<joe@example.com" },
  { "joe@example.com (Joe User)", "Joe User", "joe@example.com" },
  { "joe@example.com (Joe \\) User", "Joe \\) User", "joe@example.com" },
  { "<joe@example.com> (Joe)", "Joe", "<joe@example.com" },
  { "\"Joe\" joe@example.com", "Joe", "joe@example.com" },
  { "=?utf-8?q?J=C3=BCrgen?= <j@x>", "J\303\274rgen", "<j@x" },
  { "a;b-c@d;e", "a;b-c.d;e", "b@d" },
  { "\"open", "open", "\"open" },
};

static void who_wrote_it(void **state)
{
  stralloc got = STRALLOC_ZERO;
  char hash[SURF_LETTERS], wanted[SURF_LETTERS];
  (void)state;
  for (size_t i = 0; i < sizeof authors / sizeof *authors; i++) {
    got.len = 0;
    author_name(&got, field_of(authors[i].from));
    if (!field_is((struct field){ text_z(&got), got.len }, authors[i].name)) fail_msg("%s: %s", authors[i].from, got.s);
    author_hash(hash, field_of(authors[i].from));
    surf_loose(wanted, authors[i].hash_of, strlen(authors[i].hash_of));
    if (memcmp(hash, wanted, sizeof hash)) fail_msg("%s: %.20s", authors[i].from, hash);
  }
  stralloc_free(&got);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(words_are_decoded),
    cmocka_unit_test(what_stands_in_front_goes),
    cmocka_unit_test(who_wrote_it),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
