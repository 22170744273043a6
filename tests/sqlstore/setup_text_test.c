/* Statements that make a table and its users: what is in the file of credentials is a name or a literal, and nothing else. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "setup_text.h"

static struct { enum setup_kind kind; char const *line, *statement; } const statements[] = {
  { SETUP_MYSQL, "localhost|0|v|it's\\|db", "CREATE USER IF NOT EXISTS 'v'@'localhost' IDENTIFIED BY 'it''s\\\\';\n" },
  { SETUP_MYSQL, "db.example|0|v|p|db", "ALTER USER 'v'@'%' IDENTIFIED BY 'p';\n" },
  { SETUP_MYSQL, "db.example|/run/s|v|p|d-b", "GRANT SELECT, INSERT, UPDATE, DELETE ON `d-b`.vpopmail TO 'v'@'localhost';\n" },
  { SETUP_PGSQL, "localhost|0|v|it's\\|db", "ALTER ROLE \"v\" LOGIN PASSWORD 'it''s\\';\n" },
  { SETUP_PGSQL, "localhost|0|v|p|db", "\\connect \"db\"\n" },
  { SETUP_PGSQL, "localhost|0|v|'; DROP TABLE vpopmail; --|db", "PASSWORD '''; DROP TABLE vpopmail; --';\n" },
  { SETUP_PGSQL, "localhost|0|v|%^!&~#|db", "PASSWORD '%^!&~#';\n" }
};

static void parse(struct server_line *to, char const *line)
{
  char const *fault;
  assert_true(server_line_parse(to, &fault, line, strlen(line), false));
}

static void values_are_quoted(void **state)
{
  static struct server_line line;
  char const *fault;
  (void)state;
  for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
    stralloc text = STRALLOC_ZERO;
    parse(&line, statements[i].line);
    assert_true(setup_text(&text, &fault, statements[i].kind, &line, 0) && bytes_z(&text));
    if (!strstr(text.s, statements[i].statement)) fail_msg("%s is not in %s", statements[i].statement, text.s);
    stralloc_free(&text);
  }
}

static char const *const bad[] = {
  "h|0|v;|p|db", "h|0|v'|p|db", "h|0|v\"|p|db", "h|0|v`|p|db", "h|0|v p|p|db", "h|0|-v|p|db", "h|0|v|p|d b", "h|0|v|p|host=x", "h|0|v|p|\\db"
};

static void odd_names_are_refused(void **state)
{
  static struct server_line line, plain;
  stralloc text = STRALLOC_ZERO;
  char const *fault;
  (void)state;
  parse(&plain, "h|0|v|p|db");
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    parse(&line, bad[i]);
    assert_false(setup_text(&text, &fault, SETUP_PGSQL, &line, 0));
    assert_non_null(fault);
    assert_false(setup_text(&text, &fault, SETUP_MYSQL, &plain, &line));
    assert_non_null(fault);
  }
  stralloc_free(&text);
}

static void who_reads_may_do_nothing_else(void **state)
{
  static struct server_line changes, reads;
  stralloc text = STRALLOC_ZERO;
  char const *fault;
  (void)state;
  parse(&changes, "h|0|c|p|db");
  parse(&reads, "h|0|r|p|db");
  assert_true(setup_text(&text, &fault, SETUP_PGSQL, &changes, &reads) && bytes_z(&text));
  assert_non_null(strstr(text.s, "GRANT SELECT ON vpopmail TO \"r\";\n"));
  assert_non_null(strstr(text.s, "GRANT SELECT, INSERT, UPDATE, DELETE ON vpopmail TO \"c\";\n"));
  text.len = 0;
  assert_true(setup_text(&text, &fault, SETUP_SQLITE, 0, 0) && bytes_z(&text));
  assert_ptr_equal(strstr(text.s, "CREATE TABLE"), text.s);
  stralloc_free(&text);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(values_are_quoted),
    cmocka_unit_test(odd_names_are_refused),
    cmocka_unit_test(who_reads_may_do_nothing_else)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
