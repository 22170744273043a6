/* The text of vpasswd with users added, changed and removed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "vpasswd_text.h"

enum { EDITS_MAX = 8 };

static struct field text(char const *s, size_t len)
{
  return (struct field){ s, len };
}

/* "+a ~b -c": a is added, b changed, c removed. */
static size_t read_edits(struct store_edit edits[EDITS_MAX], char const *s)
{
  size_t n = 0;
  while (*s) {
    size_t len = strcspn(s + 1, " ");
    edits[n++] = (struct store_edit){
      .deed = *s == '+' ? STORE_ADD : *s == '~' ? STORE_CHANGE : STORE_REMOVE,
      .record = { .name = text(s + 1, len), .hash = text("new", 3), .comment = text("", 0), .dir = text("", 0),
                  .quota = text("", 0) }
    };
    s += 1 + len;
    s += *s == ' ';
  }
  return n;
}

#define U(name) name ":::::: \n"
#define N(name) name ":new:0:0:::\n"

static void what_comes_of_it(void **state)
{
  static struct { char const *old, *edits, *new; } const cases[] = {
    { "", "", "" },
    { "", "+b +a", N("a") N("b") },
    { U("b"), "+a +c", N("a") U("b") N("c") },
    { U("a") U("b") U("c"), "-a -c", U("b") },
    { U("a") U("b") U("c"), "~b", U("a") N("b") U("c") },
    { U("a") U("c"), "+b -a ~c", N("b") N("c") },
    { U("a") U("c"), "+B ~A", N("a") N("b") U("c") },
    { U("A") U("C"), "+b ~a", N("a") N("b") U("C") },
    { "a:::::: ", "+b", U("a") N("b") },
    { "a:::::: ", "", U("a") },
    { "# x\nb\n\n" U("b") "c:d\n", "+a +b-x", "# x\nb\n\n" N("a") U("b") "c:d\n" N("b-x") },
    { "b\n", "+b", "b\n" N("b") },
    { U("c") U("a") U("d"), "+b", N("b") U("c") U("a") U("d") },
    { U("a") U("z") U("c"), "+b +d", U("a") N("b") N("d") U("z") U("c") },
    { U("a") "A:::::: 2\n" U("b") U("a"), "~a", N("a") U("b") },
    { U("a") "A:::::: 2\n" U("b") U("a"), "-A", U("b") },
    { U("a") "A:::::: 2\n", "+b", U("a") "A:::::: 2\n" N("b") },
    { U("a-b") U("a.b") U("ab"), "+a +a0", N("a") U("a-b") U("a.b") N("a0") U("ab") },
  };
  static stralloc out = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct store_edit edits[EDITS_MAX];
    size_t culprit, n = read_edits(edits, cases[i].edits);
    out.len = 0;
    assert_int_equal(vpasswd_text_edit(&out, cases[i].old, strlen(cases[i].old), edits, n, &culprit), STORE_DONE);
    assert_true(bytes_z(&out));
    assert_string_equal(out.s, cases[i].new);
  }
}

static void what_cannot_be(void **state)
{
  static struct { char const *old, *edits; enum store_result r; size_t culprit; } const cases[] = {
    { U("a"), "+b +a", STORE_EXISTS, 1 },
    { U("c") U("A"), "+b +a", STORE_EXISTS, 1 },
    { U("a"), "+b +c +B", STORE_EXISTS, 2 },
    { U("a"), "-a +a", STORE_EXISTS, 1 },
    { U("a"), "-a -b", STORE_NO_USER, 1 },
    { U("a"), "~b", STORE_NO_USER, 0 },
    { "b\n", "~b", STORE_NO_USER, 0 },
    { "", "-a", STORE_NO_USER, 0 },
    { "", "+a +b:c", STORE_UNFIT, 1 },
    { U("a"), "+", STORE_UNFIT, 0 },
  };
  static stralloc out = STRALLOC_ZERO;
  (void)state;
  assert_true(bytes_set(&out, "kept"));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct store_edit edits[EDITS_MAX];
    size_t culprit = 99, n = read_edits(edits, cases[i].edits);
    assert_int_equal(vpasswd_text_edit(&out, cases[i].old, strlen(cases[i].old), edits, n, &culprit), cases[i].r);
    assert_int_equal(culprit, cases[i].culprit);
    assert_int_equal(out.len, 4);
  }
}

#define ANN "ann:h1:1:2:Ann:/d/ann:NOQUOTA\n"
#define JOE "joe:h2:1:6:Joe:/d/joe:1S:secret\n"

/* Of one user, or of all: what is not named stays. */
static void what_is_altered(void **state)
{
  static struct {
    char const *name;
    unsigned int fields;
    uint32_t flags, dropped;
    char const *clear, *old, *new;
    enum store_result r;
  } const cases[] = {
    { "ann", 0, 1, 1, 0, ANN JOE, ANN JOE, STORE_DONE },
    { "Ann", STORE_HASH, 0, 0, 0, ANN JOE, "ann:new:1:2:Ann:/d/ann:NOQUOTA\n" JOE, STORE_DONE },
    { "joe", STORE_COMMENT | STORE_DIR | STORE_QUOTA, 0, 0, 0, ANN JOE, ANN "joe:h2:1:6:new:new:new:secret\n", STORE_DONE },
    { "joe", STORE_FLAGS, 8, 0, 0, JOE, "joe:h2:1:14:Joe:/d/joe:1S:secret\n", STORE_DONE },
    { "joe", STORE_FLAGS, 8, 2, 0, JOE, "joe:h2:1:12:Joe:/d/joe:1S:secret\n", STORE_DONE },
    { "joe", STORE_FLAGS, 8, UINT32_MAX, 0, JOE, "joe:h2:1:8:Joe:/d/joe:1S:secret\n", STORE_DONE },
    { "joe", STORE_HASH | STORE_CLEAR, 0, 0, 0, JOE, "joe:new:1:6:Joe:/d/joe:1S:\n", STORE_DONE },
    { "ann", STORE_CLEAR, 0, 0, 0, ANN, ANN, STORE_DONE },
    { "ann", STORE_CLEAR, 0, 0, "a:b", ANN, "ann:h1:1:2:Ann:/d/ann:NOQUOTA:a:b\n", STORE_DONE },
    { "", STORE_QUOTA, 0, 0, 0, "# x\n" ANN JOE, "# x\nann:h1:1:2:Ann:/d/ann:new\njoe:h2:1:6:Joe:/d/joe:new:secret\n", STORE_DONE },
    { "", STORE_FLAGS, 1, 2, 0, ANN "bad:h:x:0:::\n", "ann:h1:1:1:Ann:/d/ann:NOQUOTA\nbad:h:x:0:::\n", STORE_DONE },
    { "", STORE_QUOTA, 0, 0, 0, "", "", STORE_DONE },
    { "max", STORE_QUOTA, 0, 0, 0, ANN JOE, "", STORE_NO_USER },
    { "bad", STORE_QUOTA, 0, 0, 0, ANN "bad:h:x:0:::\n", "", STORE_TROUBLE },
    { "ann", STORE_CLEAR, 0, 0, "a\nb", ANN, "", STORE_UNFIT },
  };
  static stralloc out = STRALLOC_ZERO;
  struct field const new = { "new", 3 };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char const *clear = cases[i].clear ? cases[i].clear : "";
    struct vpasswd const to = { .name = text(cases[i].name, strlen(cases[i].name)), .hash = new, .comment = new, .dir = new,
                                .quota = new, .clear = text(clear, strlen(clear)), .has_clear = cases[i].clear,
                                .flags = cases[i].flags };
    struct store_edit const edit = { STORE_ALTER, to, cases[i].fields, cases[i].dropped };
    size_t culprit;
    out.len = 0;
    assert_int_equal(vpasswd_text_edit(&out, cases[i].old, strlen(cases[i].old), &edit, 1, &culprit), cases[i].r);
    assert_true(bytes_z(&out));
    assert_string_equal(out.s, cases[i].new);
  }
}

/* A removal may want him as he was read. */
static void who_was_changed_stays(void **state)
{
  static stralloc out = STRALLOC_ZERO;
  struct vpasswd const as_read = { .name = text("joe", 3), .hash = text("h2", 2), .uid = 1, .flags = 6, .comment = text("Joe", 3),
                                   .dir = text("/d/joe", 6), .quota = text("1S", 2), .clear = text("secret", 6), .has_clear = true };
  struct store_edit edit = { .deed = STORE_REMOVE, .record = as_read, .fields = STORE_DIR };
  size_t culprit;
  (void)state;
  out.len = 0;
  assert_int_equal(vpasswd_text_edit(&out, ANN JOE, strlen(ANN JOE), &edit, 1, &culprit), STORE_DONE);
  assert_true(bytes_z(&out));
  assert_string_equal(out.s, ANN);
  edit.record.flags = 7;
  assert_int_equal(vpasswd_text_edit(&out, ANN JOE, strlen(ANN JOE), &edit, 1, &culprit), STORE_NO_USER);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_comes_of_it), cmocka_unit_test(what_cannot_be), cmocka_unit_test(what_is_altered),
    cmocka_unit_test(who_was_changed_stays)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
