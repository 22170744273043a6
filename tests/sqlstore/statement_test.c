/* The statements there are, and where the users of a domain are. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layout.h"
#include "statement.h"

static struct sql_style const plain = { .quote = '`', .for_update = " FOR UPDATE" };
static struct sql_style const numbered = { .quote = '"', .has_numbered_marks = true, .for_update = "" };

static struct statement_table const of_all = { "vpopmail", false, true };
static struct statement_table const of_one = { "a_b_example", true, false };

static struct field text(char const *s)
{
  return (struct field){ s, strlen(s) };
}

/* ---- texts ---- */

static struct {
  enum statement_kind kind;
  struct sql_style const *sql;
  struct statement_table const *table;
  char const *text, *values;
} const texts[] = {
  { STATEMENT_FIND, &plain, &of_all, "SELECT pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell, pw_clear_passwd"
    " FROM `vpopmail` WHERE pw_name = ? AND pw_domain = ?", "nd" },
  { STATEMENT_FIND_TO_CHANGE, &plain, &of_one, "SELECT pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell"
    " FROM `a_b_example` WHERE pw_name = ? FOR UPDATE", "n" },
  { STATEMENT_LIST, &numbered, &of_all, "SELECT pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell, pw_clear_passwd"
    " FROM \"vpopmail\" WHERE pw_domain = $1", "d" },
  { STATEMENT_LIST, &plain, &of_one, "SELECT pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell FROM `a_b_example`", "" },
  { STATEMENT_ALL, &numbered, &of_all, "SELECT pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell, pw_domain FROM \"vpopmail\"", "" },
  { STATEMENT_ALL, &plain, &of_one, "SELECT pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell FROM `a_b_example`", "" },
  { STATEMENT_INSERT, &numbered, &of_all, "INSERT INTO \"vpopmail\" (pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell,"
    " pw_clear_passwd, pw_domain) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", "nhufciqxd" },
  { STATEMENT_INSERT, &plain, &of_one, "INSERT INTO `a_b_example` (pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)", "nhufciq" },
  { STATEMENT_UPDATE, &plain, &of_all, "UPDATE `vpopmail` SET pw_passwd = ?, pw_uid = ?, pw_gid = ?, pw_gecos = ?, pw_dir = ?,"
    " pw_shell = ?, pw_clear_passwd = ? WHERE pw_name = ? AND pw_domain = ?", "hufciqxnd" },
  { STATEMENT_UPDATE, &numbered, &of_one, "UPDATE \"a_b_example\" SET pw_passwd = $1, pw_uid = $2, pw_gid = $3, pw_gecos = $4,"
    " pw_dir = $5, pw_shell = $6 WHERE pw_name = $7", "hufciqn" },
  { STATEMENT_DELETE, &plain, &of_all, "DELETE FROM `vpopmail` WHERE pw_name = ? AND pw_domain = ?", "nd" },
};

static void values_stand_beside_the_text(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct sql_text s;
    statement_make(&s, texts[i].kind, texts[i].sql, texts[i].table);
    assert_string_equal(s.text, texts[i].text);
    assert_string_equal(s.values, texts[i].values);
  }
}

static void the_longest_fits(void **state)
{
  struct statement_table longest = { .has_clear = true };
  (void)state;
  memset(longest.name, 'x', STATEMENT_DOMAIN_MAX);
  for (int kind = 0; kind < STATEMENT_KINDS; kind++) {
    struct sql_text s;
    statement_make(&s, (enum statement_kind)kind, &numbered, &longest);
    char const *end = s.text + strlen(s.text);
    assert_true(end[-1] == ')' || end[-1] == '"' || strstr(s.text, "pw_domain = $"));
  }
}

static void values_come_in_their_order(void **state)
{
  struct vpasswd const r = { text("n"), text("h"), text("c"), text("i"), text("q"), text("x"), 1, 4294967295u, true };
  struct field values[SQL_VALUES_MAX];
  struct statement_digits digits;
  struct sql_text s;
  (void)state;
  statement_make(&s, STATEMENT_UPDATE, &plain, &of_all);
  size_t count = statement_values(values, &s, &r, text("d"), &digits);
  static char const *const wanted[] = { "h", "1", "4294967295", "c", "i", "q", "x", "n", "d" };
  assert_int_equal(count, sizeof wanted / sizeof *wanted);
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(values[i].len, strlen(wanted[i]));
    assert_memory_equal(values[i].s, wanted[i], values[i].len);
  }
}

/* ---- rows ---- */

static struct { char const *uid, *flags; bool read; uint32_t is; } const numbers[] = {
  { "0", "0", true, 0 }, { "1", "", true, 0 }, { "1", "4294967295", true, UINT32_MAX }, { "1", "4294967296", false, 0 },
  { "1", "-1", true, UINT32_MAX }, { "1", "-2147483648", true, 0x80000000 }, { "1", "-2147483649", false, 0 }, { "x", "0", false, 0 },
  { "1", "1.5", false, 0 }, { "1", "99999999999999999999999999", false, 0 }
};

static void a_row_is_a_user(void **state)
{
  struct vpasswd r;
  (void)state;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    struct field const row[] = { text("joe"), text("h"), text(numbers[i].uid), text(numbers[i].flags), text("c"), text("/d"), text("q"),
                                 text("clear") };
    assert_int_equal(statement_record(&r, row, 8), numbers[i].read);
    if (!numbers[i].read) continue;
    assert_int_equal(r.flags, numbers[i].is);
    assert_true(r.has_clear && r.clear.len == 5);
    assert_true(statement_record(&r, row, 7) && !r.has_clear);
  }
}

/* ---- tables ---- */

static struct { char const *domain, *table; } const names[] = {
  { "a-b.example", "a_b_example" }, { "A.Example", "a_example" }, { "3com.example", "3com_example" }, { "", 0 }, { "a`b", 0 },
  { "a\"b", 0 }, { "a;b", 0 }, { "a b", 0 }, { "a_b", 0 }, { "\xc3\xa4.example", 0 }, { "a'--", 0 }
};

static void a_name_of_a_table_has_letters_and_digits(void **state)
{
  char name[STATEMENT_DOMAIN_MAX + 1], longest[STATEMENT_DOMAIN_MAX + 1];
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    assert_int_equal(statement_table_name(name, text(names[i].domain)), names[i].table != 0);
    if (names[i].table) assert_string_equal(name, names[i].table);
  }
  memset(longest, 'a', sizeof longest);
  assert_true(statement_table_name(name, (struct field){ longest, STATEMENT_DOMAIN_MAX }));
  assert_false(statement_table_name(name, (struct field){ longest, STATEMENT_DOMAIN_MAX + 1 }));
}

static char const *const columns[][2] = {
  { "a_example", "pw_name" }, { "a_example", "pw_clear_passwd" },
  { "dir_control", "domain" },
  { "mixed_example", "pw_name" }, { "mixed_example", "pw_domain" },
  { "odd:name", "pw_name" }, { "", "pw_name" },
  { "part_example", "pw_clear_passwd" },
  { "vpopmail", "PW_NAME" }, { "vpopmail", "pw_domain" }, { "vpopmail", "other" }
};

static void expect_table(struct layout const *layout, char const *domain, char const *table, bool has_clear)
{
  struct statement_table found;
  assert_int_equal(layout_find(layout, &found, text(domain)), table != 0);
  if (!table) return;
  assert_string_equal(found.name, table);
  assert_int_equal(found.is_of_one_domain, strcmp(table, "vpopmail") != 0);
  assert_int_equal(found.has_clear, has_clear);
}

/* Tables of several domains are none of users, but for the one. */
static void expect_tables(struct layout const *layout, char const *const *names)
{
  struct statement_table table;
  size_t at = 0;
  for (; *names; names++) {
    assert_true(layout_next(&table, layout_lines(layout), &at));
    assert_string_equal(table.name, *names);
    assert_int_equal(table.is_of_one_domain, strcmp(table.name, "vpopmail") != 0);
  }
  assert_false(layout_next(&table, layout_lines(layout), &at));
}

static void each_domain_is_in_its_table(void **state)
{
  struct layout layout = LAYOUT_ZERO;
  (void)state;
  layout_begin(&layout);
  assert_true(layout_settle(&layout));
  expect_table(&layout, "a.example", 0, false);
  expect_tables(&layout, (char const *[]){ 0 });
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
    assert_true(layout_add(&layout, text(columns[i][0]), text(columns[i][1])));
  assert_true(layout_settle(&layout));
  expect_table(&layout, "a.example", "a_example", true);
  expect_table(&layout, "b.example", "vpopmail", false);
  expect_table(&layout, "mixed.example", "vpopmail", false);
  expect_table(&layout, "part.example", "vpopmail", false);
  expect_table(&layout, "dir.control", "vpopmail", false);
  expect_table(&layout, "a_example", 0, false);
  expect_tables(&layout, (char const *[]){ "a_example", "vpopmail", 0 });
  layout_begin(&layout);
  assert_true(layout_add(&layout, text("a_example"), text("pw_name")));
  assert_true(layout_settle(&layout));
  expect_table(&layout, "a.example", "a_example", false);
  expect_table(&layout, "b.example", 0, false);
  nameset_free(&layout.tables);
  stralloc_free(&layout.text);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(values_stand_beside_the_text),
    cmocka_unit_test(the_longest_fits),
    cmocka_unit_test(values_come_in_their_order),
    cmocka_unit_test(a_row_is_a_user),
    cmocka_unit_test(a_name_of_a_table_has_letters_and_digits),
    cmocka_unit_test(each_domain_is_in_its_table)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
