/* qmail-store-sqlite: the users of virtual domains in a file of SQLite, for who asks by HOME/run/users/sqlite.

   runs as   vpopmail, started by qmail-usersd where control/usersbackend names sqlite; never root
   reads     questions (store_wire.h) from whom SO_PEERCRED names, HOME/users/cdb;
             HOME/control/snapshotage and snapshotlogins once
   changes   etc/vpopmail.sqlite in the home of vpopmail, HOME/run/users
   exits     0 after TERM, when what was asked is answered; 111 when the machine fails it
*/

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "helper.h"
#include "schema.h"
#include "sqlstore.h"
#include "text.h"
#include "users_wire.h"

enum { BUSY_MS = 3000 };      /* somebody else has the file */

static stralloc etc = STRALLOC_ZERO, file = STRALLOC_ZERO;
static sqlite3 *db;
static struct stat opened;
static char const *words = "";

/* ---- what went wrong ---- */

static int const errors[][2] = {
  { SQLITE_BUSY, ETIMEDOUT }, { SQLITE_LOCKED, ETIMEDOUT }, { SQLITE_READONLY, EROFS }, { SQLITE_FULL, ENOSPC },
  { SQLITE_NOMEM, ENOMEM }, { SQLITE_CANTOPEN, ENOENT }, { SQLITE_IOERR, EIO }, { SQLITE_INTERRUPT, ETIMEDOUT },
  { SQLITE_CORRUPT, EPROTO }, { SQLITE_NOTADB, EPROTO }
};

static void note_error(int code)
{
  words = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  errno = EREMOTEIO;
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if ((code & 0xff) == errors[i][0]) errno = errors[i][1];
}

static char const *said(void)
{
  return words;
}

/* ---- the connection ---- */

static void find_file(void)
{
  text_set(&etc, helper_home());
  text_add(&etc, "/etc");
  text_z(&etc);
  text_set(&file, etc.s);
  text_add(&file, "/vpopmail.sqlite");
  text_z(&file);
}

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
static bool connect_file(enum sql_purpose purpose)
{
  int const how = SQLITE_OPEN_READWRITE | (purpose == SQL_TO_MAKE ? SQLITE_OPEN_CREATE : 0);
  int r = sqlite3_open_v2(file.s, &db, how, 0);
  if (r == SQLITE_OK && set_up() && stat(file.s, &opened) == 0) return true;
  int e = errno;
  if (r != SQLITE_OK) note_error(r), e = errno;
  static stralloc kept = STRALLOC_ZERO;
  text_set(&kept, words);
  words = text_z(&kept);
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
  return (s & 0xff) == SQLITE_TOOBIG || (s & 0xff) == SQLITE_MISMATCH ? SQL_UNFIT : SQL_TROUBLE;
}

/* ---- for who sets it up ---- */

static bool place_fault(char const **what, char const **todo)
{
  struct stat st;
  *what = "etc/vpopmail.sqlite is not a file of vpopmail that nobody else may read";
  *todo = "chown vpopmail:vchkpw, chmod 600";
  return stat(file.s, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077);
}

static struct sql const sqlite = {
  .name = "sqlite", .quote = '"', .for_update = "", .begin = "BEGIN IMMEDIATE",
  .tables = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
            " AND c.name IN ('pw_name', 'pw_domain', 'pw_clear_passwd') ORDER BY m.name",
  .create = schema_sqlite,
  .check_columns = "SELECT m.name, c.name, 0 FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name",
  .check_keys = "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'pw_name'"
                " AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) i WHERE i.\"unique\""
                " AND EXISTS (SELECT 1 FROM pragma_index_info(i.name) k WHERE k.name = 'pw_name')"
                " AND NOT EXISTS (SELECT 1 FROM pragma_index_info(i.name) k WHERE k.name NOT IN ('pw_name', 'pw_domain')))",
  .place_fault = place_fault,
  .connect = connect_file, .is_well = is_well, .disconnect = disconnect,
  .command = command, .prepare = prepare, .run = run, .forget = forget, .said = said
};

int main(int argc, char const *const *argv)
{
  PROG = "qmail-store-sqlite";
  find_file();
  struct confine_path const paths[] = {
    { "/", CONFINE_READ },
    { etc.s, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
    { USERS_PLACE, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
    { 0 }
  };
  return sqlstore_main(argc, argv, &sqlite, &(struct confinement){ .paths = paths, .ports = CONFINE_NO_PORTS, .calls = CONFINE_NO_SOCKETS });
}
