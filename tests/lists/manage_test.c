/* What is asked of ezmlm-manage by an address, and what it keeps of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "answer_limit.h"
#include "confirm_limit.h"
#include "edited_text.h"
#include "log_pattern.h"
#include "manage_from.h"
#include "manage_request.h"
#include "text.h"

#define COOKIE "icgbkodbnmekcbbmhbje"

static struct { char const *text, *table; enum manage_word word; char const *argument, *target; bool dated; } const requests[] = {
  { "subscribe", "", WORD_SUBSCRIBE, "", 0, false },
  { "Subscribe-joe=example.net", "", WORD_SUBSCRIBE, "", "joe=example.net", false },
  { "subscriber", "", WORD_UNKNOWN, 0, 0, false },
  { "DIGEST-unsubscribe-a-b=c", "digest", WORD_UNSUBSCRIBE, "", "a-b=c", false },
  { "allow-query", "allow", WORD_QUERY, "", 0, false }, { "deny-list", "deny", WORD_LIST, "", 0, false },
  { "listn", "", WORD_LISTN, "", 0, false }, { "listnx", "", WORD_UNKNOWN, 0, 0, false },
  { "log.joe_x", "", WORD_LOG, "joe_x", 0, false }, { "log_joe", "", WORD_LOG, "joe", 0, false }, { "logjoe", "", WORD_LOG, "joe", 0, false },
  { "get.12", "", WORD_GET, "12", 0, false }, { "get12", "", WORD_GET, "12", 0, false },
  { "edit.sub_ok", "", WORD_EDIT, "sub_ok", 0, false }, { "editor", "", WORD_EDIT, "or", 0, false },
  { "help", "", WORD_HELP, "", 0, false }, { "helper", "", WORD_UNKNOWN, 0, 0, false },
  { "", "", WORD_UNKNOWN, 0, 0, false }, { "-joe=x", "", WORD_UNKNOWN, 0, "joe=x", false },
  { "sc.1000000000." COOKIE "-user=example.com", "", WORD_CONFIRM, 0, "user=example.com", true },
  { "digest-wc.1." COOKIE "-a=b", "digest", WORD_CONFIRM, 0, "a=b", true },
  { "sc.1." COOKIE "x-a=b", "", WORD_CONFIRM, 0, "a=b", false }, { "sc.1.abc-a=b", "", WORD_CONFIRM, 0, "a=b", false },
  { "SC.1." COOKIE "-a=b", "", WORD_UNKNOWN, 0, "a=b", false }, { "xc.1." COOKIE "-a=b", "", WORD_UNKNOWN, 0, "a=b", false },
  { "sc.", "", WORD_CONFIRM, 0, 0, false },
  { "ed.12.sub_ok." COOKIE, "", WORD_EDITED, "sub_ok", 0, true }, { "ed.12.." COOKIE, "", WORD_EDITED, 0, 0, false },
  { "ed.12.a" COOKIE, "", WORD_EDITED, 0, 0, false }, { "ed.x.a." COOKIE, "", WORD_EDITED, 0, 0, false }, { "ed.", "", WORD_EDITED, 0, 0, false },
};

static void addresses_are_requests(void **state)
{
  struct manage_request r;
  (void)state;
  for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
    char const *text = requests[i].text;
    if (!manage_request_scan(&r, field_of(text))) fail_msg("%s", text);
    if (strcmp(r.table, requests[i].table) || r.word != requests[i].word || r.dated != requests[i].dated) fail_msg("%s", text);
    if (requests[i].argument && !field_is(r.argument, requests[i].argument)) fail_msg("%s", text);
    if (requests[i].target ? !field_is(r.target, requests[i].target) : r.target.s != 0) fail_msg("%s", text);
  }
  assert_false(manage_request_scan(&r, field_of("digest")));
  assert_false(manage_request_scan(&r, field_of("denying-subscribe")));
}

static void is(stralloc *got, char const *wanted)
{
  assert_string_equal(text_z(got), wanted);
  got->len = 0;
}

static void names_in_addresses(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  manage_request_address(&got, field_of("a=b=c.d")), is(&got, "a=b@c.d");
  manage_request_address(&got, field_of("none")), is(&got, "none");
  assert_true(manage_request_file(&got, field_of("Sub_OK"))), is(&got, "sub-ok");
  assert_false(manage_request_file(&got, field_of("")));
  assert_false(manage_request_file(&got, field_of("../key")));
  assert_false(manage_request_file(&got, field_of("a-b")));
  stralloc_free(&got);
}

/* ---- limits ---- */

#define A "aaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbb"
#define LINE(when, hash) when " " hash "\n"

static void limits_of_questions(void **state)
{
  stralloc got = STRALLOC_ZERO;
  struct field const lines = field_of(LINE("1000", A) LINE("4599", B) "torn\n" "9999 " A "\n");
  (void)state;
  assert_int_equal(confirm_limit_of(lines, A, 4599), CONFIRM_ASKED);
  assert_int_equal(confirm_limit_of(lines, A, 4600), CONFIRM_MAY);
  assert_int_equal(confirm_limit_of(lines, B, 4600), CONFIRM_ASKED);
  for (unsigned i = 0; i < CONFIRMS_A_MINUTE; i++) {
    char hash[] = "cccccccccccccccccccc";
    hash[0] = (char)('a' + i);
    assert_int_equal(confirm_limit_of((struct field){ got.s, got.len }, B, 5000), CONFIRM_MAY);
    text_add(&got, "5000 "), text_add(&got, hash), text_add(&got, "\n");
  }
  assert_int_equal(confirm_limit_of((struct field){ got.s, got.len }, B, 5059), CONFIRM_BUSY);
  assert_int_equal(confirm_limit_of((struct field){ got.s, got.len }, B, 5060), CONFIRM_MAY);
  confirm_limit_lines(&got, lines, A, 4600, true), is(&got, LINE("4599", B) LINE("4600", A));
  confirm_limit_lines(&got, lines, B, 4599, false), is(&got, LINE("1000", A));
  stralloc_free(&got);
}

static void who_waits_for_a_moderator(void **state)
{
  stralloc kept = STRALLOC_ZERO, got = STRALLOC_ZERO;
  struct field const joe = field_of("joe@example.net"), ann = field_of("ann@example.net");
  (void)state;
  manage_from_lines(&kept, field_of(""), 1000, joe, field_of("Joe"));
  manage_from_lines(&got, (struct field){ kept.s, kept.len }, 1001, ann, field_of("Ann"));
  assert_int_equal(got.len, 50);
  assert_true(manage_from_find(&kept, (struct field){ got.s, got.len }, 1000, joe));
  assert_false(manage_from_find(&kept, (struct field){ got.s, got.len }, 1000, ann));
  assert_false(manage_from_find(&kept, field_of("1000 joe@example.net"), 1000, joe));
  manage_from_lines(&kept, (struct field){ got.s, got.len }, 1001001, joe, field_of(""));
  assert_int_equal(kept.len, 25 + 25);
  stralloc_free(&kept), stralloc_free(&got);
}

/* ---- logs and texts ---- */

static struct { char const *line, *pattern; bool is; } const searches[] = {
  { "12 +manual joe@example.net", "", true }, { "12 +manual joe@example.net", "JOE_example.net", true },
  { "12 +manual joe@example.net", "example_net", true }, { "12 +manual joe@exampleXnet", "example.net", false },
  { "joe", "joe_", false }, { "joe", "j+e", true }, { "", "", true }, { "", "a", false },
};

static void logs_are_searched(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof searches / sizeof *searches; i++)
    if (log_pattern_in(field_of(searches[i].line), field_of(searches[i].pattern)) != searches[i].is) fail_msg("%s", searches[i].pattern);
}

static struct { char const *body; enum edited_text result; char const *text; } const edited[] = {
  { "%%% START\na\nb\n%%% END\nc\n", EDITED_TEXT_OK, "a\nb\n" },
  { "x\n> %%% START\n> a\n>\n>  b\nc\n> %%% END\n", EDITED_TEXT_OK, "a\n\n b\nc\n" },
  { "| %%% START here\n| a\n| %%% END", EDITED_TEXT_OK, "a\n" },
  { "%%% START\n%%% END\n", EDITED_TEXT_OK, "" },
  { "START\r\na\r\nEND\r\n", EDITED_TEXT_OK, "a\n" },
  { "a\n%%% END\n", EDITED_TEXT_NO_MARK, 0 }, { "%%% START\na\n", EDITED_TEXT_NO_MARK, 0 }, { "", EDITED_TEXT_NO_MARK, 0 },
};

static void texts_come_back(void **state)
{
  stralloc got = STRALLOC_ZERO;
  struct edited_marks const marks = { field_of("START"), field_of("END") };
  (void)state;
  for (size_t i = 0; i < sizeof edited / sizeof *edited; i++) {
    got.len = 0;
    if (edited_text_read(&got, field_of(edited[i].body), &marks) != edited[i].result) fail_msg("%s", edited[i].body);
    if (edited[i].text) is(&got, edited[i].text);
  }
  stralloc_free(&got);
}

static struct { char const *text; uint64_t one, all; } const bounds[] = {
  { "", 25, 60 }, { "10", 10, 60 }, { "10:20", 10, 20 }, { ":20", 25, 20 }, { "x", 25, 60 }, { "0:0", 0, 0 }, { "0:5", 0, 5 },
  { "5:0", 5, 1000 }, { "5:1001", 5, 1000 }, { "5:x", 5, 60 }, { "0", 0, 60 },
};

static void bounds_of_answers(void **state)
{
  struct answer_bounds b;
  (void)state;
  for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
    answer_bounds_read(&b, field_of(bounds[i].text));
    assert_int_equal(b.one, bounds[i].one);
    assert_int_equal(b.all, bounds[i].all);
  }
}

static void limits_of_answers(void **state)
{
  stralloc got = STRALLOC_ZERO, more = STRALLOC_ZERO;
  struct answer const joe = { field_of("joe@x"), field_of("help"), 0 }, again = { field_of("JOE@X"), field_of("help"), 0 },
                      other = { field_of("joe@x"), field_of("get.1"), 100 }, any = { .address = field_of("joe@x") }, ann = { field_of("ann@x"), field_of("help"), 0 };
  struct answer_bounds const wide = { 25, 60 }, few = { 6, 60 }, busy = { 25, 6 };
  (void)state;
  assert_int_equal(answer_weight(&joe), 1);
  assert_int_equal(answer_weight(&other), 5);
  assert_int_equal(answer_weight(&(struct answer){ .posts = 101 }), 6);
  answer_limit_lines(&got, field_of("torn\n9999 1 x\n"), &joe, 1000);
  answer_limit_lines(&more, (struct field){ got.s, got.len }, &other, 1010);
  struct field const lines = { more.s, more.len };
  assert_int_equal(answer_limit_of(lines, &any, &wide, 1599), ANSWER_MAY);
  assert_int_equal(answer_limit_of(lines, &any, &few, 1599), ANSWER_ENOUGH);
  assert_int_equal(answer_limit_of(lines, &any, &few, 1600), ANSWER_MAY);
  assert_int_equal(answer_limit_of(lines, &ann, &few, 1599), ANSWER_MAY);
  assert_int_equal(answer_limit_of(lines, &ann, &busy, 1059), ANSWER_BUSY);
  assert_int_equal(answer_limit_of(lines, &ann, &busy, 1060), ANSWER_MAY);
  assert_int_equal(answer_limit_of(lines, &again, &wide, 999), ANSWER_MAY);       /* the clock was set back */
  answer_limit_lines(&got, lines, &ann, 1605);
  assert_int_equal(answer_limit_of((struct field){ got.s, got.len }, &any, &few, 1605), ANSWER_MAY);     /* the first one is forgotten */
  stralloc_free(&got), stralloc_free(&more);
}

/* The first one at 1000, the last one at 1004. */
static void the_same_request_again(void **state)
{
  stralloc lines[2] = { STRALLOC_ZERO, STRALLOC_ZERO };
  struct answer const joe = { field_of("joe@x"), field_of("help"), 0 }, again = { field_of("JOE@X"), field_of("help"), 0 },
                      other = { field_of("joe@x"), field_of("get.1"), 0 }, any = { .address = field_of("joe@x") }, ann = { field_of("ann@x"), field_of("help"), 0 };
  struct answer_bounds const wide = { 25, 60 }, few = { 5, 60 }, none = { 0, 60 };
  struct field had = { "", 0 };
  (void)state;
  for (uint64_t n = 0; n < ANSWERS_TO_A_REQUEST; n++) {
    assert_int_equal(answer_limit_of(had, &joe, &wide, 1000 + n), ANSWER_MAY);
    answer_limit_lines(&lines[n % 2], had, &joe, 1000 + n);
    had = (struct field){ lines[n % 2].s, lines[n % 2].len };
  }
  assert_int_equal(answer_limit_of(had, &again, &wide, 1599), ANSWER_HAD);
  assert_int_equal(answer_limit_of(had, &again, &wide, 1600), ANSWER_MAY);
  assert_int_equal(answer_limit_of(had, &again, &none, 1599), ANSWER_MAY);
  assert_int_equal(answer_limit_of(had, &other, &wide, 1599), ANSWER_MAY);
  assert_int_equal(answer_limit_of(had, &other, &few, 1599), ANSWER_ENOUGH);
  assert_int_equal(answer_limit_of(had, &any, &wide, 1599), ANSWER_MAY);
  assert_int_equal(answer_limit_of(had, &ann, &wide, 1599), ANSWER_MAY);
  stralloc_free(&lines[0]), stralloc_free(&lines[1]);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(addresses_are_requests),
    cmocka_unit_test(names_in_addresses),
    cmocka_unit_test(limits_of_questions),
    cmocka_unit_test(bounds_of_answers),
    cmocka_unit_test(limits_of_answers),
    cmocka_unit_test(the_same_request_again),
    cmocka_unit_test(who_waits_for_a_moderator),
    cmocka_unit_test(logs_are_searched),
    cmocka_unit_test(texts_come_back),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
