/* etc/vpopmail.mysql: where the database is, and as whom it is entered. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server_line.h"

static struct {
  char const *text;
  bool for_changes;
  char const *host, *socket, *user, *password, *database;
  unsigned port;
} const good[] = {
  { "localhost|0|vpop|pass|db\n", false, "localhost", 0, "vpop", "pass", "db", 0 },
  { "localhost|0|vpop|pass|db\n", true, "localhost", 0, "vpop", "pass", "db", 0 },
  { "db.example|3307|vpop||db", false, "db.example", 0, "vpop", "", "db", 3307 },
  { "localhost|/run/mysqld/mysqld.sock|vpop|p|db\r\n", false, "localhost", "/run/mysqld/mysqld.sock", "vpop", "p", "db", 0 },
  { "# where\n\nreads|1|r|p|db\nchanges|2|c|p|db\n", false, "reads", 0, "r", "p", "db", 1 },
  { "# where\n\nreads|1|r|p|db\nchanges|2|c|p|db\n", true, "changes", 0, "c", "p", "db", 2 },
  { "|65535|u|p|d", false, "", 0, "u", "p", "d", 65535 },
};

static struct { char const *text, *fault; } const bad[] = {
  { "", "no line" }, { "# all\n\n", "no line" }, { "host|0|user|pass\n", "a line is" }, { "host|0|user|pass|db|more\n", "a line is" },
  { "host", "a line is" }, { "h|65536|u|p|d", "neither a port" }, { "h|12x|u|p|d", "neither a port" }, { "h|-1|u|p|d", "neither a port" },
  { "h|0||p|d", "no user" }, { "h|0|u|p|", "no database" }
};

static void expect(char const *is, char const *wanted)
{
  assert_int_equal(!is, !wanted);
  if (wanted) assert_string_equal(is, wanted);
}

static void a_line_is_read(void **state)
{
  static struct server_line line;
  char const *fault;
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_true(server_line_parse(&line, &fault, good[i].text, strlen(good[i].text), good[i].for_changes));
    expect(line.host, good[i].host);
    expect(line.socket, good[i].socket);
    expect(line.user, good[i].user);
    expect(line.password, good[i].password);
    expect(line.database, good[i].database);
    assert_int_equal(line.port, good[i].port);
    assert_int_equal(server_line_is_split(good[i].text, strlen(good[i].text)), strstr(good[i].text, "changes") != 0);
  }
}

static void what_is_none_is_refused(void **state)
{
  static struct server_line line;
  static char text[SERVER_LINE_MAX + 1];
  char const *fault;
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_false(server_line_parse(&line, &fault, bad[i].text, strlen(bad[i].text), false));
    assert_non_null(strstr(fault, bad[i].fault));
  }
  assert_false(server_line_parse(&line, &fault, "h|0|u|p\0|d", 10, false));
  memset(text, 'x', sizeof text);
  memcpy(text, "h|0|u|p|", 8);
  assert_true(server_line_parse(&line, &fault, text, SERVER_LINE_MAX - 1, false));
  assert_false(server_line_parse(&line, &fault, text, SERVER_LINE_MAX, false));
  assert_false(server_line_parse(&line, &fault, text, SERVER_LINE_MAX + 1, false));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_line_is_read),
    cmocka_unit_test(what_is_none_is_refused)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
