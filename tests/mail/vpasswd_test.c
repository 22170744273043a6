/* Users of a virtual domain: lines of vpasswd, values of vpasswd.cdb. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "vpasswd.h"

static struct field text(char const *s)
{
  return (struct field){ s, strlen(s) };
}

static void assert_field(struct field f, char const *expected)
{
  assert_int_equal(f.len, strlen(expected));
  assert_memory_equal(f.s, expected, f.len);
}

#define AT "/home/vpopmail/domains/example.net/joe"

static void lines(void **state)
{
  static struct {
    char const *line, *name, *hash;
    uint32_t uid, flags;
    char const *comment, *dir, *quota, *clear;
  } const cases[] = {
    { "joe:$1$ab$x:1:0:Joe:" AT ":NOQUOTA", "joe", "$1$ab$x", 1, 0, "Joe", AT, "NOQUOTA", 0 },
    { "joe:$1$ab$x:1:0:Joe:" AT ":NOQUOTA\n", "joe", "$1$ab$x", 1, 0, "Joe", AT, "NOQUOTA", 0 },
    { "joe:$1$ab$x:1:0:Joe:" AT ":NOQUOTA\r\n", "joe", "$1$ab$x", 1, 0, "Joe", AT, "NOQUOTA", 0 },
    { "joe:h:1:0:Joe:" AT ":10S:secret", "joe", "h", 1, 0, "Joe", AT, "10S", "secret" },
    { "joe:h:1:0:Joe:" AT ":10S:", "joe", "h", 1, 0, "Joe", AT, "10S", "" },
    { "joe:h:1:0:Joe:" AT ":10S:a:b:", "joe", "h", 1, 0, "Joe", AT, "10S", "a:b:" },
    { "joe:h:0:524287:::", "joe", "h", 0, 524287, "", "", "", 0 },
    { "joe:::::: ", "joe", "", 0, 0, "", "", " ", 0 },
    { "joe::::::", "joe", "", 0, 0, "", "", "", 0 },
    { "JOE:h:2:4294967295:J\xc3\xb6:d:q", "JOE", "h", 2, 4294967295, "J\xc3\xb6", "d", "q", 0 },
    { "#joe:h:1:0:c:d:q", "#joe", "h", 1, 0, "c", "d", "q", 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct vpasswd r;
    assert_int_equal(vpasswd_parse(&r, cases[i].line, strlen(cases[i].line)), VPASSWD_RECORD);
    assert_field(r.name, cases[i].name);
    assert_field(r.hash, cases[i].hash);
    assert_int_equal(r.uid, cases[i].uid);
    assert_int_equal(r.flags, cases[i].flags);
    assert_field(r.comment, cases[i].comment);
    assert_field(r.dir, cases[i].dir);
    assert_field(r.quota, cases[i].quota);
    assert_int_equal(r.has_clear, cases[i].clear != 0);
    if (cases[i].clear) assert_field(r.clear, cases[i].clear);
  }
}

static void no_records(void **state)
{
  static struct { char const *line; size_t len; enum vpasswd_result r; } const cases[] = {
    { "", 0, VPASSWD_NONE }, { "\n", 1, VPASSWD_NONE }, { "joe", 3, VPASSWD_NONE }, { ":", 1, VPASSWD_NONE },
    { "joe:h:1:0:c:d", 13, VPASSWD_NONE },
    { ":h:1:0:c:d:q", 12, VPASSWD_NONE },
    { "joe:h:1:0:c:d:q", 15, VPASSWD_RECORD },
    { "joe:h:1:x:c:d:q", 15, VPASSWD_DAMAGED },
    { "joe:h:-1:0:c:d:q", 16, VPASSWD_DAMAGED },
    { "joe:h:1: 0:c:d:q", 16, VPASSWD_DAMAGED },
    { "joe:h:1:4294967296:c:d:q", 24, VPASSWD_DAMAGED },
    { "joe:h:1:18446744073709551616:c:d:q", 34, VPASSWD_DAMAGED },
    { "joe:h:1:0:c\0:d:q", 16, VPASSWD_DAMAGED },
    { "j\0e:h:1:0:c:d:q", 15, VPASSWD_DAMAGED },
    { "joe:h:1:0:c\n:d:q", 16, VPASSWD_DAMAGED },
  };
  struct vpasswd r;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(vpasswd_parse(&r, cases[i].line, cases[i].len), cases[i].r);
}

static void values(void **state)
{
  struct vpasswd r;
  (void)state;
  assert_int_equal(vpasswd_parse_value(&r, text("joe"), "h:1:2:c:d:q", 11), VPASSWD_RECORD);
  assert_field(r.name, "joe");
  assert_field(r.hash, "h");
  assert_int_equal(r.flags, 2);
  assert_false(r.has_clear);
  assert_int_equal(vpasswd_parse_value(&r, text("joe"), "h:1:2:c:d:q:\n", 13), VPASSWD_RECORD);
  assert_true(r.has_clear);
  assert_int_equal(vpasswd_parse_value(&r, text("joe"), "h:1:2:c:d", 9), VPASSWD_NONE);
  assert_int_equal(vpasswd_parse_value(&r, text("joe"), "", 0), VPASSWD_NONE);
  assert_int_equal(vpasswd_parse_value(&r, text(""), "h:1:2:c:d:q", 11), VPASSWD_NONE);
  assert_int_equal(vpasswd_parse_value(&r, text("joe"), "h:1:2:c:d:q\0", 12), VPASSWD_DAMAGED);
}

static struct vpasswd joe(void)
{
  return (struct vpasswd){ .name = text("Joe"), .hash = text("h"), .comment = text("c"), .dir = text("d"),
                           .quota = text("q"), .uid = 1, .flags = 524287 };
}

static void written(void **state)
{
  static stralloc out = STRALLOC_ZERO;
  struct vpasswd r = joe();
  (void)state;
  assert_true(vpasswd_format(&out, &r));
  r.has_clear = true;
  assert_true(vpasswd_format(&out, &r));
  r.clear = text("s:e");
  assert_true(vpasswd_format_value(&out, &r) && bytes_z(&out));
  assert_string_equal(out.s, "joe:h:1:524287:c:d:q\njoe:h:1:524287:c:d:q:\nh:1:524287:c:d:q:s:e");
}

static void what_does_not_fit(void **state)
{
  static struct { size_t field; char const *s, *what; } const cases[] = {
    { offsetof(struct vpasswd, name), "", "name" },
    { offsetof(struct vpasswd, name), "a:b", "name" },
    { offsetof(struct vpasswd, hash), "a\n", "password" },
    { offsetof(struct vpasswd, comment), "Joe: the one", "comment" },
    { offsetof(struct vpasswd, comment), "Joe\r", "comment" },
    { offsetof(struct vpasswd, dir), "/a:b", "directory" },
    { offsetof(struct vpasswd, quota), "1S\n", "quota" },
    { offsetof(struct vpasswd, clear), "a\n", "clear password" },
  };
  static stralloc out = STRALLOC_ZERO;
  (void)state;
  assert_true(bytes_set(&out, "kept"));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct vpasswd r = joe();
    assert_null(vpasswd_unfit(&r));
    *(struct field *)((char *)&r + cases[i].field) = text(cases[i].s);
    assert_string_equal(vpasswd_unfit(&r), cases[i].what);
    errno = 0;
    assert_false(vpasswd_format(&out, &r));
    assert_int_equal(errno, EINVAL);
    assert_int_equal(out.len, 4);
  }
  struct vpasswd r = joe();
  r.comment = (struct field){ "a\0b", 3 };
  assert_string_equal(vpasswd_unfit(&r), "comment");
}

static char const as[VPASSWD_LINE_MAX + 1] = { [0 ... VPASSWD_LINE_MAX] = 'a' };

static void what_older_programs_read(void **state)
{
  static struct { size_t field, max; char const *what; } const cases[] = {
    { offsetof(struct vpasswd, name), 64, "name" },
    { offsetof(struct vpasswd, hash), 128, "password" },
    { offsetof(struct vpasswd, comment), 64, "comment" },
    { offsetof(struct vpasswd, dir), 160, "directory" },
    { offsetof(struct vpasswd, quota), 20, "quota" },
    { offsetof(struct vpasswd, clear), 128, "clear password" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t len = cases[i].max - 1; len <= cases[i].max + 1; len++) {
      struct vpasswd r = joe();
      *(struct field *)((char *)&r + cases[i].field) = (struct field){ as, len };
      assert_null(vpasswd_unfit(&r));
      if (len <= cases[i].max) assert_null(vpasswd_overlong(&r));
      else assert_string_equal(vpasswd_overlong(&r), cases[i].what);
    }
}

static void long_lines(void **state)
{
  static stralloc out = STRALLOC_ZERO;
  struct vpasswd r = joe(), again;
  size_t const rest = strlen("joe:h:1:524287::d:q");
  (void)state;
  for (int more = -1; more <= 1; more++) {
    r.comment = (struct field){ as, VPASSWD_LINE_MAX - rest + (size_t)more };
    out.len = 0;
    assert_int_equal(vpasswd_format(&out, &r), more <= 0);
    if (more > 0) continue;
    assert_int_equal(out.len, VPASSWD_LINE_MAX + more + 1);
    assert_int_equal(vpasswd_parse(&again, out.s, out.len), VPASSWD_RECORD);
    assert_int_equal(again.comment.len, r.comment.len);
  }
  assert_true(bytes_set(&out, "joe:h:1:0:c:d:") && bytes_addb(&out, as, VPASSWD_LINE_MAX + 1 - out.len));
  assert_int_equal(vpasswd_parse(&again, out.s, out.len), VPASSWD_DAMAGED);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(lines), cmocka_unit_test(no_records), cmocka_unit_test(values), cmocka_unit_test(written),
    cmocka_unit_test(what_does_not_fit), cmocka_unit_test(what_older_programs_read), cmocka_unit_test(long_lines),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
