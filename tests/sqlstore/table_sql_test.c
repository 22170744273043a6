/* The statements about subscribers of mailing lists, as each server gets them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "table_sql.h"
#include "table_wire.h"

static struct {
  enum table_kind kind;
  struct table_sql const *t;
  char const *name, *text, *values;
  size_t rows;
} const texts[] = {
  { TABLE_FIND, &table_mysql, "", "SELECT address FROM `Sos` WHERE address = ?", "a", 1 },
  { TABLE_FIND, &table_pgsql, "digest", "SELECT address FROM \"sos_digest\" WHERE LOWER(address) = LOWER($1)", "a", 1 },
  { TABLE_FIND_TO_CHANGE, &table_sqlite, "mod", "SELECT address FROM \"Sos_mod\" WHERE address COLLATE NOCASE IN (?)", "a", 1 },
  { TABLE_FIND_TO_CHANGE, &table_mysql, "mod", "SELECT address FROM `Sos_mod` WHERE address IN (?) FOR UPDATE", "a", 1 },
  { TABLE_FIND_TO_CHANGE, &table_pgsql, "", "SELECT address FROM \"sos\" WHERE LOWER(address) IN (LOWER($1), LOWER($2), LOWER($3)) FOR UPDATE", "aaa", 3 },
  { TABLE_EACH, &table_pgsql, "", "SELECT address FROM \"sos\" WHERE hash BETWEEN $1 AND $2", "lu", 1 },
  { TABLE_COUNT, &table_sqlite, "", "SELECT COUNT(*) FROM \"Sos\" WHERE hash BETWEEN ? AND ?", "lu", 1 },
  { TABLE_ADD, &table_mysql, "", "INSERT INTO `Sos` (address, hash) VALUES (?, ?)", "al", 1 },
  { TABLE_ADD, &table_pgsql, "", "INSERT INTO \"sos\" (address, hash) VALUES ($1, $2) ON CONFLICT DO NOTHING", "al", 1 },
  { TABLE_ADD, &table_sqlite, "", "INSERT INTO \"Sos\" (address, hash) VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING", "alal", 2 },
  { TABLE_NOTE, &table_pgsql, "", "INSERT INTO \"sos_slog\" (tai, address, fromline, edir, etype) VALUES (now(), $1, $2, $3, $4), (now(), $5, $6, $7, $8)",
    "aceyacey", 2 },
  { TABLE_REMOVE, &table_mysql, "", "DELETE FROM `Sos` WHERE address = ? AND CONVERT(address USING utf8mb4) COLLATE utf8mb4_bin = ?"
    " AND hash BETWEEN ? AND ?", "aalu", 1 },
  { TABLE_REMOVE, &table_pgsql, "", "DELETE FROM \"sos\" WHERE address = $1 AND hash BETWEEN $2 AND $3", "alu", 1 },
  { TABLE_NOTE, &table_sqlite, "deny", "INSERT INTO \"Sos_deny_slog\" (tai, address, fromline, edir, etype)"
    " VALUES (strftime('%s', 'now'), ?, ?, ?, ?)", "acey", 1 },
  { TABLE_LOG, &table_mysql, "", "SELECT UNIX_TIMESTAMP(tai), edir, etype, address, fromline FROM `Sos_slog` ORDER BY tai", "", 1 },
};

static void a_statement_for_each_server(void **state)
{
  struct sql_text text;
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    table_statement(&text, texts[i].kind, texts[i].t, "Sos", texts[i].name, texts[i].rows);
    assert_string_equal(text.text, texts[i].text);
    assert_string_equal(text.values, texts[i].values);
  }
}

static void the_longest_fits(void **state)
{
  static struct table_sql const *const all[] = { &table_mysql, &table_pgsql, &table_sqlite };
  char const name[] = "1234567890123456789012345678901234567890";
  struct sql_text text;
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    for (int kind = 0; kind < TABLE_KINDS; kind++) {
      table_statement(&text, (enum table_kind)kind, all[i], name, name, TABLE_TOGETHER);
      assert_true(text.len && text.len < sizeof text.text - 100);
      assert_non_null(strstr(text.text, "1234567890_1234567890"));
    }
}

/* Five tables, each with its log, and two that have their posts logged. */
static void all_tables_of_a_list(void **state)
{
  static struct { struct table_sql const *t; unsigned made, dropped; } const all[] = { { &table_mysql, 14, 14 }, { &table_pgsql, 19, 14 }, { &table_sqlite, 14, 14 } };
  struct sql_text text;
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    unsigned made = 0, dropped = 0;
    for (unsigned step = 0; table_make_next(&text, all[i].t, "sos", &step); made++) {
      assert_true(strstr(text.text, "IF NOT EXISTS") && text.len < sizeof text.text - 200 && !text.count);
      assert_true(!strstr(text.text, "sos_mod_mlog") && !strstr(text.text, "@"));
    }
    for (unsigned step = 0; table_drop_next(&text, all[i].t, "sos", &step); dropped++) assert_non_null(strstr(text.text, "DROP TABLE IF EXISTS"));
    assert_int_equal(made, all[i].made);
    assert_int_equal(dropped, all[i].dropped);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_statement_for_each_server), cmocka_unit_test(the_longest_fits), cmocka_unit_test(all_tables_of_a_list)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
