/* DIR/subdb and DIR/sql: where the subscribers of a list are. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "subdb.h"

static struct {
  char const *file, *text;
  enum subdb_kind kind;
  char const *host, *socket, *user, *password, *database, *table;
  unsigned port;
} const good[] = {
  { "subdb", "mysql:h:3307:u:p:d:t\n", SUBDB_MYSQL, "h", 0, "u", "p", "d", "t", 3307 },
  { "subdb", "mysql:::u", SUBDB_MYSQL, "", 0, "u", "", "ezmlm", "ezmlm", 0 },
  { "subdb", "# a\n \n\npgsql::/run/postgresql/.s.PGSQL.5432:u:p::sos-1_A \t\r\n", SUBDB_PGSQL, "", "/run/postgresql/.s.PGSQL.5432", "u", "p",
    "ezmlm", "sos-1_A", 0 },
  { "subdb", "sqlite3:::::/home/joe/a b.db", SUBDB_SQLITE, "", 0, "", "", "/home/joe/a b.db", "ezmlm", 0 },
  { "subdb", "sqlite3", SUBDB_SQLITE, "", 0, "", "", "ezmlm", "ezmlm", 0 },
  { "sql", "h::u:p:d:t", SUBDB_MYSQL, "h", 0, "u", "p", "d", "t", 0 },
  { "subdb", "sql:h::u:p:d:t\nmore\n", SUBDB_MYSQL, "h", 0, "u", "p", "d", "t", 0 },
};

static struct { char const *file, *text, *fault; } const bad[] = {
  { "subdb", "", "no line" }, { "subdb", "# none\n\n  \n", "no line" }, { "subdb", "mysql:h:65536:u", "neither a port" },
  { "subdb", "mysql:h:x:u", "neither a port" }, { "subdb", "mysql:h:-1:u", "neither a port" }, { "subdb", "mysql:h", "no user" },
  { "subdb", "oracle:h::u", "it names none" }, { "subdb", "MYSQL:h::u", "it names none" }, { "subdb", "mysql:h::u:p:d:t:x", "a line is" },
  { "sql", "h::u:p:d:t:x", "a line is" }, { "subdb", "mysql:h::u:p:d:a b", "the table's name" }, { "subdb", "mysql:h::u:p:d:a`b", "the table's name" },
  { "subdb", "mysql:h::u:p:d:a.b", "the table's name" }, { "subdb", "mysql:h::u:p:d:12345678901234567890123456789012345678901", "the table's name" },
};

static void expect(char const *is, char const *wanted)
{
  assert_int_equal(!is, !wanted);
  if (wanted) assert_string_equal(is, wanted);
}

static void a_line_is_read(void **state)
{
  static struct subdb where;
  char const *fault;
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_true(subdb_parse(&where, &fault, good[i].file, good[i].text, strlen(good[i].text)));
    assert_null(fault);
    assert_int_equal(where.kind, good[i].kind);
    assert_int_equal(where.port, good[i].port);
    expect(where.host, good[i].host), expect(where.socket, good[i].socket), expect(where.user, good[i].user);
    expect(where.password, good[i].password), expect(where.database, good[i].database), expect(where.table, good[i].table);
  }
}

static void what_is_none_is_refused(void **state)
{
  static struct subdb where;
  char const *fault;
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_false(subdb_parse(&where, &fault, bad[i].file, bad[i].text, strlen(bad[i].text)));
    if (!strstr(fault, bad[i].fault)) fail_msg("%s: %s", bad[i].text, fault);
  }
}

static void files_have_no_more_words(void **state)
{
  static struct subdb where;
  char const *fault;
  (void)state;
  assert_true(subdb_parse(&where, &fault, "subdb", "std\n", 4) && where.kind == SUBDB_FILES);
  assert_true(subdb_parse(&where, &fault, "subdb", "std:x:y", 7) && where.kind == SUBDB_FILES);
}

static void bounds(void **state)
{
  static struct subdb where;
  static char text[SUBDB_LINE_MAX + 2];
  char const *fault;
  (void)state;
  memset(text, 'x', sizeof text);
  memcpy(text, "sqlite3:::::", 12);
  assert_true(subdb_parse(&where, &fault, "subdb", text, SUBDB_LINE_MAX));
  assert_int_equal(strlen(where.database), SUBDB_LINE_MAX - 12);
  assert_false(subdb_parse(&where, &fault, "subdb", text, SUBDB_LINE_MAX + 1));
  text[20] = 0;
  assert_false(subdb_parse(&where, &fault, "subdb", text, SUBDB_LINE_MAX));
  assert_true(subdb_is_table("a23456789012345678901234567890123456789_", 40) && !subdb_is_table("", 0));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_line_is_read), cmocka_unit_test(what_is_none_is_refused), cmocka_unit_test(files_have_no_more_words),
    cmocka_unit_test(bounds)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
