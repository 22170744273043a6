#include <errno.h>
#include <sys/stat.h>

#include <sqlite3.h>


#include "sql.h"
#include "text.h"

enum { BUSY_MS = 3000 };      /* somebody else has the file */

static stralloc file = STRALLOC_ZERO;
static sqlite3 *db;
static struct stat opened;

/* ---- what went wrong ---- */

static int const errors[][2] = {
  { SQLITE_BUSY, ETIMEDOUT }, { SQLITE_LOCKED, ETIMEDOUT }, { SQLITE_READONLY, EROFS }, { SQLITE_FULL, ENOSPC },
  { SQLITE_NOMEM, ENOMEM }, { SQLITE_CANTOPEN, ENOENT }, { SQLITE_IOERR, EIO }, { SQLITE_INTERRUPT, ETIMEDOUT },
  { SQLITE_CORRUPT, EPROTO }, { SQLITE_NOTADB, EPROTO }
};

static void note_error(int code)
{
  sql_note(db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
  errno = EREMOTEIO;
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if ((code & 0xff) == errors[i][0]) errno = errors[i][1];
}

/* ---- the connection ---- */

static void disconnect(void)
{
  sqlite3_close(db);
  db = 0;
}

static bool command(char const *text)
{
  int r = sqlite3_exec(db, text, 0, 0, 0);
  if (r != SQLITE_OK) note_error(r);
  return r == SQLITE_OK;
}

/* That a commit is on disk when it is said to be takes EXTRA: less syncs the file, but not that its journal is gone. */
static bool set_up(void)
{
  sqlite3_busy_timeout(db, BUSY_MS);
  sqlite3_extended_result_codes(db, 1);
  return command("PRAGMA synchronous = EXTRA") && command("PRAGMA trusted_schema = OFF");
}

/* A file that is lost is trouble: made anew for a question, it would say that nobody is there. */
static bool enter(struct server_line const *line, enum sql_purpose purpose)
{
  int const how = SQLITE_OPEN_READWRITE | (purpose == SQL_TO_MAKE ? SQLITE_OPEN_CREATE : 0);
  text_set(&file, line->database);
  int r = sqlite3_open_v2(text_z(&file), &db, how, 0);
  if (r == SQLITE_OK && set_up() && stat(file.s, &opened) == 0) return true;
  if (r != SQLITE_OK) note_error(r);
  int e = errno;
  disconnect();
  errno = e;
  return false;
}

/* Somebody may have put another file in its place. */
static bool is_well(void)
{
  struct stat st;
  return stat(file.s, &st) == 0 && st.st_dev == opened.st_dev && st.st_ino == opened.st_ino;
}

/* ---- statements ---- */

static void *prepare(char const *text)
{
  sqlite3_stmt *statement = 0;
  int r = sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, 0);
  if (r != SQLITE_OK) note_error(r);
  return statement;
}

static void forget(void *statement)
{
  sqlite3_finalize(statement);
}

static int bind(sqlite3_stmt *statement, struct field const *values, size_t count)
{
  int r = SQLITE_OK;
  for (size_t i = 0; i < count && r == SQLITE_OK; i++)
    r = sqlite3_bind_text(statement, (int)i + 1, values[i].len ? values[i].s : "", (int)values[i].len, SQLITE_STATIC);
  return r;
}

static bool give_row(sqlite3_stmt *statement, struct sql_run const *r)
{
  struct field columns[SQL_COLUMNS_MAX];
  size_t const count = (size_t)sqlite3_column_count(statement);
  for (size_t i = 0; i < count && i < SQL_COLUMNS_MAX; i++) {
    char const *s = (char const *)sqlite3_column_text(statement, (int)i);
    columns[i] = (struct field){ s ? s : "", (size_t)sqlite3_column_bytes(statement, (int)i) };
  }
  return r->row(r->with, columns, count < SQL_COLUMNS_MAX ? count : SQL_COLUMNS_MAX);
}

static int step(sqlite3_stmt *statement, struct sql_run const *r)
{
  int s;
  while ((s = sqlite3_step(statement)) == SQLITE_ROW)
    if (r->row && !give_row(statement, r)) return SQLITE_DONE;
  return s;
}

/* What a table does not take, by its type or by a rule of its own. */
static bool is_unfit(int code)
{
  return code == SQLITE_TOOBIG || code == SQLITE_MISMATCH || code == SQLITE_CONSTRAINT;
}

static enum sql_result run(void *statement, struct sql_run *r)
{
  int s = bind(statement, r->values, r->values_count);
  if (s == SQLITE_OK) s = step(statement, r);
  r->affected = (uint64_t)sqlite3_changes(db);
  if (s != SQLITE_DONE) note_error(s);
  int e = errno;
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  errno = e;
  if (s == SQLITE_DONE) return SQL_DONE;
  if (s == SQLITE_CONSTRAINT_UNIQUE || s == SQLITE_CONSTRAINT_PRIMARYKEY) return SQL_TWICE;
  return is_unfit(s & 0xff) ? SQL_UNFIT : SQL_TROUBLE;
}

struct sql const sql_sqlite = {
  .style = &sql_style_sqlite, .enter = enter, .is_well = is_well, .disconnect = disconnect, .command = command, .prepare = prepare, .run = run, .forget = forget
};
