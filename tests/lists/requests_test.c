/* Lines in which somebody asks something of a list, and maps of sublists. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "list_request.h"
#include "split_map.h"
#include "text.h"

/* word, list, its host, user, his host; "-" is none */
static struct { char const *line; bool global; char const *is[5]; } const lines[] = {
  { "subscribe", false, { "subscribe", "-", "-", "-", "-" } },
  { "  subscribe\tjoe@example.net \r", false, { "subscribe", "-", "-", "joe", "example.net" } },
  { "subscribe joe@example.net", true, { "subscribe", "joe", "example.net", "-", "-" } },
  { "subscribe sos", true, { "subscribe", "sos", "-", "-", "-" } },
  { "get.1_2 sos@h a.b+c-d_e@x", false, { "get.1_2", "sos", "h", "a.b+c-d_e", "x" } },
  { "sos-subscribe-joe=example.net@h", false, { "subscribe", "sos", "h", "joe", "example.net" } },
  { "sos-help@h", true, { "help", "sos", "h", "-", "-" } },
};

static void is_name(struct field f, char const *wanted, char const *line)
{
  if (f.s ? !field_is(f, wanted) : strcmp(wanted, "-") != 0) fail_msg("%s: %.*s is not %s", line, (int)f.len, f.s ? f.s : "", wanted);
}

static void lines_are_requests(void **state)
{
  struct list_request r;
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    char const *line = lines[i].line;
    if (!list_request_scan(&r, field_of(line), lines[i].global)) fail_msg("%s", line);
    if (r.is_address && !list_request_split(&r, field_of("sos"))) fail_msg("%s", line);
    is_name(r.word, lines[i].is[0], line);
    is_name(r.list.box, lines[i].is[1], line), is_name(r.list.host, lines[i].is[2], line);
    is_name(r.user.box, lines[i].is[3], line), is_name(r.user.host, lines[i].is[4], line);
  }
}

static char const *const wrong[] = { "", "  ", "a b c d", "sub;x", "sub j/x@y", "sub \xc3\xa4@y", "sub a@b@c", "@h", "a|b@h", "subscribe sos@h j'x@y" };

static void what_is_no_request(void **state)
{
  struct list_request r;
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    if (list_request_scan(&r, field_of(wrong[i]), false)) fail_msg("%s", wrong[i]);
  assert_true(list_request_scan(&r, field_of("other-help@h"), false));
  assert_false(list_request_split(&r, field_of("sos")));
  assert_true(list_request_scan(&r, field_of("sos-@h"), false));
  assert_false(list_request_split(&r, field_of("sos")));
}

static void words_have_other_names(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  list_request_word(&got, field_of("SUB")), text_add(&got, " "), list_request_word(&got, field_of("signoff")), text_add(&got, " ");
  list_request_word(&got, field_of("Get.5")), text_add(&got, " "), list_request_word(&got, field_of("who")), text_add(&got, " ");
  list_request_word(&got, field_of("set"));
  assert_string_equal(text_z(&got), "subscribe unsubscribe get.5 list help");
  stralloc_free(&got);
}

static struct { char const *map, *address; enum split_map result; char const *sublist; } const maps[] = {
  { "com.foo:::sub1\n:::rest@h\n", "user@x.FOO.com", SPLIT_MAP_FOUND, "sub1" },
  { "com.foo:::sub1\n:::rest@h\n", "user@foo.com.au", SPLIT_MAP_FOUND, "rest@h" },
  { "com.foo:::sub1\n", "user@bar.com", SPLIT_MAP_NONE, 0 },
  { "com:::sub1\n", "user@bar.com", SPLIT_MAP_FOUND, "sub1" },
  { "com:0:4:a\ncom:6:52:b\ncom:::c\nedu:5:5:d", "lindberg@id.wustl.edu", SPLIT_MAP_FOUND, "d" },
  { "edu:6::a\nedu:0:4:b\n", "Lindberg@id.wustl.edu", SPLIT_MAP_NONE, 0 },
  { "edu:::\nedu:::b\n", "lindberg@id.wustl.edu", SPLIT_MAP_NONE, 0 },
  { "# c\n\nedu::a\n", "a@b.c", SPLIT_MAP_WRONG, 0 }, { ":x::a\n", "a@b.c", SPLIT_MAP_WRONG, 0 },
  { ":::one\nbroken\n", "a@b.c", SPLIT_MAP_FOUND, "one" }, { "", "a@b.c", SPLIT_MAP_NONE, 0 }, { ":::x", "a@", SPLIT_MAP_FOUND, "x" },
};

static void sublists_by_domain_and_hash(void **state)
{
  struct field sublist;
  (void)state;
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
    if (split_map_find(&sublist, field_of(maps[i].map), field_of(maps[i].address)) != maps[i].result) fail_msg("%s", maps[i].map);
    if (maps[i].sublist) assert_true(field_is(sublist, maps[i].sublist));
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(lines_are_requests),
    cmocka_unit_test(what_is_no_request),
    cmocka_unit_test(words_have_other_names),
    cmocka_unit_test(sublists_by_domain_and_hash),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
