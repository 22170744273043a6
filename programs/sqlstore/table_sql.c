#include <string.h>

#include "table_sql.h"

/* ---- what each server calls it ---- */

#define ADDRESS "address VARCHAR(255) NOT NULL"
#define LOG ADDRESS ", fromline VARCHAR(255) NOT NULL, edir CHAR(1) NOT NULL, etype CHAR(1) NOT NULL"
#define COOKIE(INT) "cookie CHAR(20) NOT NULL, chunk " INT " NOT NULL DEFAULT 0, bodysize " INT " NOT NULL DEFAULT 0"
#define POST(INT) "msgnum " INT " NOT NULL, listno " INT " NOT NULL, tai TIMESTAMP DEFAULT CURRENT_TIMESTAMP, subs " INT \
  " NOT NULL DEFAULT 0, done INT NOT NULL DEFAULT 0, PRIMARY KEY (listno, msgnum, done)"

/* In a transaction of which each is done or none. */
#define ENGINE " ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_general_ci"

static char const *const make_mysql[] = {
  "CREATE TABLE IF NOT EXISTS @ (hash TINYINT UNSIGNED NOT NULL, " ADDRESS ", INDEX h (hash), INDEX a (address))" ENGINE,
  "CREATE TABLE IF NOT EXISTS @_slog (tai TIMESTAMP DEFAULT CURRENT_TIMESTAMP, " LOG ", INDEX (tai))" ENGINE,
  "CREATE TABLE IF NOT EXISTS @_cookie (msgnum INT UNSIGNED NOT NULL PRIMARY KEY, tai TIMESTAMP DEFAULT CURRENT_TIMESTAMP, "
    COOKIE("INT UNSIGNED") ")" ENGINE,
  "CREATE TABLE IF NOT EXISTS @_mlog (" POST("INT UNSIGNED") ")" ENGINE,
  0
};

static char const *const make_pgsql[] = {
  "CREATE TABLE IF NOT EXISTS @ (hash INT4 NOT NULL, " ADDRESS " PRIMARY KEY)",
  "CREATE INDEX IF NOT EXISTS @_lower ON @ (LOWER(address))",
  "CREATE TABLE IF NOT EXISTS @_slog (tai TIMESTAMP DEFAULT now(), " LOG ")",
  "CREATE TABLE IF NOT EXISTS @_cookie (msgnum INT4 NOT NULL PRIMARY KEY, tai TIMESTAMP DEFAULT now(), " COOKIE("INT4") ")",
  "CREATE TABLE IF NOT EXISTS @_mlog (" POST("INT4") ")",
  0
};

static char const *const make_sqlite[] = {
  "CREATE TABLE IF NOT EXISTS @ (hash INT NOT NULL, " ADDRESS " COLLATE NOCASE PRIMARY KEY)",
  "CREATE TABLE IF NOT EXISTS @_slog (tai INTEGER, " LOG ")",
  "CREATE TABLE IF NOT EXISTS @_cookie (msgnum INT NOT NULL PRIMARY KEY, tai INTEGER, " COOKIE("INT") ")",
  "CREATE TABLE IF NOT EXISTS @_mlog (" POST("INT") ")",
  0
};

/* MariaDB takes more letters for the same than we do, and goes by an index where it may. */
struct table_sql const table_mysql = {
  .kind = SUBDB_MYSQL, .style = &sql_style_mysql,
  .find = "address = $a", .find_all = { "address", "$a" }, .exactly = "address = $a AND CONVERT(address USING utf8mb4) COLLATE utf8mb4_bin = $a",
  .once = "", .now = "NOW()", .seconds = "UNIX_TIMESTAMP(tai)", .make = make_mysql
};

/* Of a table that grows in this transaction PostgreSQL knows too little: without the last words it would read all of it to find 32. */
struct table_sql const table_pgsql = {
  .kind = SUBDB_PGSQL, .style = &sql_style_pgsql, .lowers_names = true,
  .begin = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL enable_seqscan = off",
  .find = "LOWER(address) = LOWER($a)", .find_all = { "LOWER(address)", "LOWER($a)" }, .exactly = "address = $a",
  .once = " ON CONFLICT DO NOTHING", .now = "now()", .seconds = "CAST(EXTRACT(EPOCH FROM CAST(tai AS TIMESTAMPTZ)) AS BIGINT)",
  .make = make_pgsql
};

struct table_sql const table_sqlite = {
  .kind = SUBDB_SQLITE, .style = &sql_style_sqlite,
  .find = "address = $a COLLATE NOCASE", .find_all = { "address COLLATE NOCASE", "$a" }, .exactly = "address = $a COLLATE BINARY",
  .once = " ON CONFLICT DO NOTHING", .now = "strftime('%s', 'now')", .seconds = "tai", .make = make_sqlite
};

/* ---- statements ---- */

/* @ is the table, with what stands behind it, $ with a letter a value, {} what stands there for each row; and in the server's words
   ~ find, < and > find_all, # exactly, ^ once, & now, % seconds, ! what stands behind a SELECT of what is about to be changed. */
static char const *const patterns[TABLE_KINDS] = {
  [TABLE_FIND] = "SELECT address FROM @ WHERE ~",
  [TABLE_FIND_TO_CHANGE] = "SELECT address FROM @ WHERE < IN ({>})!",
  [TABLE_EACH] = "SELECT address FROM @ WHERE hash BETWEEN $l AND $u",
  [TABLE_COUNT] = "SELECT COUNT(*) FROM @ WHERE hash BETWEEN $l AND $u",
  [TABLE_ADD] = "INSERT INTO @ (address, hash) VALUES {($a, $l)}^",
  [TABLE_REMOVE] = "DELETE FROM @ WHERE # AND hash BETWEEN $l AND $u",
  [TABLE_NOTE] = "INSERT INTO @_slog (tai, address, fromline, edir, etype) VALUES {(&, $a, $c, $e, $y)}",
  [TABLE_LOG] = "SELECT %, edir, etype, address, fromline FROM @_slog ORDER BY tai",
  [TABLE_COOKIE] = "INSERT INTO @_cookie (msgnum, tai, cookie) VALUES ($m, &, $k)^",
  [TABLE_POST] = "INSERT INTO @_mlog (msgnum, listno, subs, done) VALUES ($m, $n, $s, $o)^"
};

struct place { struct table_sql const *t; char const *root, *name; size_t rows; };

/* Returns what stands behind the name. */
static char const *put_name(struct sql_text *to, struct place const *p, char const *ending)
{
  char name[2 * SUBDB_TABLE_MAX + 16] = "";
  size_t const ending_len = strspn(ending, "_abcdefghijklmnopqrstuvwxyz");
  strncat(name, p->root, SUBDB_TABLE_MAX);
  if (*p->name) strcat(name, "_"), strncat(name, p->name, SUBDB_TABLE_MAX);
  strncat(name, ending, ending_len < 8 ? ending_len : 8);
  if (p->t->lowers_names)
    for (char *c = name; *c; c++)
      if (*c >= 'A' && *c <= 'Z') *c |= 0x20;
  sql_text_name(to, name, p->t->style);
  return ending + ending_len;
}

/* The server's words, in which only $ means something to us. */
static void put_words(struct sql_text *to, char const *words, struct sql_style const *style)
{
  while (*words) {
    if (*words == '$') sql_text_value(to, words[1], style), words += 2;
    else sql_text_put(to, words++, 1);
  }
}

static void fill(struct sql_text *to, char const *pattern, struct place const *p)
{
  struct table_sql const *t = p->t;
  char const *row = pattern;
  size_t rows = 0;
  sql_text_begin(to);
  while (*pattern) {
    char const c = *pattern++;
    switch (c) {
      case '@': pattern = put_name(to, p, pattern); break;
      case '$': sql_text_value(to, *pattern++, t->style); break;
      case '{': row = pattern; break;
      case '}': if (++rows < p->rows) sql_text_put(to, ", ", 2), pattern = row; break;
      case '~': put_words(to, t->find, t->style); break;
      case '<': put_words(to, t->find_all[0], t->style); break;
      case '>': put_words(to, t->find_all[1], t->style); break;
      case '#': put_words(to, t->exactly, t->style); break;
      case '^': put_words(to, t->once, t->style); break;
      case '&': put_words(to, t->now, t->style); break;
      case '%': put_words(to, t->seconds, t->style); break;
      case '!': put_words(to, t->style->for_update, t->style); break;
      default: sql_text_put(to, &c, 1);
    }
  }
}

void table_statement(struct sql_text *to, enum table_kind kind, struct table_sql const *t, char const *root, char const *name, size_t rows)
{
  fill(to, patterns[kind], &(struct place){ t, root, name, rows });
}

/* ---- all tables of a list ---- */

/* Posts are logged of the list itself and of its digests. */
static struct { char const *name; bool has_posts; } const tables[] = {
  { "", true }, { "digest", true }, { "allow", false }, { "deny", false }, { "mod", false }
};
static char const *const drops[] = { "DROP TABLE IF EXISTS @", "DROP TABLE IF EXISTS @_slog", "DROP TABLE IF EXISTS @_cookie",
                                     "DROP TABLE IF EXISTS @_mlog", 0 };

enum { TABLES = sizeof tables / sizeof *tables, STATEMENTS_MAX = 8 };

static bool is_of_posts(char const *pattern)
{
  return strstr(pattern, "@_cookie") || strstr(pattern, "@_mlog");
}

/* A step is the place of a table, times STATEMENTS_MAX, and that of a statement. */
static bool next(struct sql_text *to, struct place *p, char const *const *patterns, unsigned *step)
{
  for (; *step / STATEMENTS_MAX < TABLES; *step += STATEMENTS_MAX - *step % STATEMENTS_MAX) {
    char const *pattern = patterns[*step % STATEMENTS_MAX];
    unsigned const table = *step / STATEMENTS_MAX;
    if (!pattern || (is_of_posts(pattern) && !tables[table].has_posts)) continue;
    p->name = tables[table].name;
    fill(to, pattern, p);
    ++*step;
    return true;
  }
  return false;
}

bool table_make_next(struct sql_text *to, struct table_sql const *t, char const *root, unsigned *step)
{
  return next(to, &(struct place){ t, root, "", 1 }, t->make, step);
}

bool table_drop_next(struct sql_text *to, struct table_sql const *t, char const *root, unsigned *step)
{
  return next(to, &(struct place){ t, root, "", 1 }, drops, step);
}
