/* A socket of PostgreSQL by the path of its file, or of its directory. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pgsql_socket.h"

static struct { char const *path, *directory; unsigned port; } const cases[] = {
  { "/run/postgresql", "/run/postgresql", 0 },
  { "/run/postgresql/", "/run/postgresql/", 0 },
  { "/run/postgresql/.s.PGSQL.5432", "/run/postgresql", 5432 },
  { "/.s.PGSQL.1", "/", 1 },
  { "/", "/", 0 },
  { "/run/.s.PGSQL.65535", "/run", 65535 },
  { "/run/.s.PGSQL.65536", "/run/.s.PGSQL.65536", 0 },
  { "/run/.s.PGSQL.0", "/run/.s.PGSQL.0", 0 },
  { "/run/.s.PGSQL.", "/run/.s.PGSQL.", 0 },
  { "/run/.s.PGSQL.54x", "/run/.s.PGSQL.54x", 0 },
  { "/run/.s.PGSQL.5432/a", "/run/.s.PGSQL.5432/a", 0 },
};

static void a_path_is_cut(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct pgsql_socket s;
    assert_true(pgsql_socket_parse(&s, cases[i].path));
    assert_string_equal(s.directory, cases[i].directory);
    assert_int_equal(s.port, cases[i].port);
  }
}

static void what_is_none_is_refused(void **state)
{
  struct pgsql_socket s;
  char path[PGSQL_SOCKET_MAX + 2];
  (void)state;
  assert_false(pgsql_socket_parse(&s, ""));
  assert_false(pgsql_socket_parse(&s, "run"));
  memset(path, 'x', sizeof path);
  path[0] = '/';
  path[PGSQL_SOCKET_MAX + 1] = 0;
  assert_false(pgsql_socket_parse(&s, path));
  path[PGSQL_SOCKET_MAX] = 0;
  assert_true(pgsql_socket_parse(&s, path));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_path_is_cut),
    cmocka_unit_test(what_is_none_is_refused)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
