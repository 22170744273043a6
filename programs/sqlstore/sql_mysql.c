#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <mariadb/errmsg.h>
#include <mariadb/mysql.h>
#include <mariadb/mysqld_error.h>


#include "sql.h"
#include "vpasswd.h"

enum {
  CONNECT_SECONDS = 3,
  ANSWER_SECONDS = 3          /* for each answer of the server */
};

static MYSQL *db;

/* ---- what went wrong ---- */

static struct { unsigned code; int error; } const errors[] = {
  { CR_CONNECTION_ERROR, ECONNREFUSED }, { CR_CONN_HOST_ERROR, ECONNREFUSED }, { CR_UNKNOWN_HOST, EHOSTUNREACH },
  { CR_SERVER_GONE_ERROR, ECONNRESET }, { CR_SERVER_LOST, ECONNRESET }, { CR_OUT_OF_MEMORY, ENOMEM },
  { ER_LOCK_WAIT_TIMEOUT, ETIMEDOUT }, { ER_LOCK_DEADLOCK, EDEADLK }, { ER_OPTION_PREVENTS_STATEMENT, EROFS },
  { ER_OPEN_AS_READONLY, EROFS }, { ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, EROFS }, { ER_DISK_FULL, ENOSPC },
  { ER_RECORD_FILE_FULL, ENOSPC }, { ER_NO_SUCH_TABLE, ENOENT }
};

static void note_error(unsigned code, char const *s)
{
  sql_note(s);
  errno = EREMOTEIO;
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if (errors[i].code == code) errno = errors[i].error;
}

/* ---- the connection ---- */

static void disconnect(void)
{
  if (db) mysql_close(db);
  db = 0;
}

/* A value that the column does not take is refused, and not cut to its length; it takes no longer than this to wait for whoever has
   the row; and the server cannot ask for our files. */
static void set_up(void)
{
  static unsigned const connecting = CONNECT_SECONDS, waiting = ANSWER_SECONDS, off = 0;
  mysql_options(db, MYSQL_OPT_CONNECT_TIMEOUT, &connecting);
  mysql_options(db, MYSQL_OPT_READ_TIMEOUT, &waiting);
  mysql_options(db, MYSQL_OPT_WRITE_TIMEOUT, &waiting);
  mysql_options(db, MYSQL_OPT_LOCAL_INFILE, &off);
  mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_options(db, MYSQL_INIT_COMMAND, "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION innodb_lock_wait_timeout = 2");
}

static bool enter(struct server_line const *line, enum sql_purpose purpose)
{
  (void)purpose;
  db = mysql_init(0);
  if (!db) return sql_note("out of memory"), errno = ENOMEM, false;
  set_up();
  if (mysql_real_connect(db, line->host, line->user, line->password, line->database, line->port, line->socket, CLIENT_FOUND_ROWS)) return true;
  note_error(mysql_errno(db), mysql_error(db));
  int e = errno;
  disconnect();
  errno = e;
  return false;
}

static bool is_well(void)
{
  return sql_is_quiet((int)mysql_get_socket(db));
}

static bool command(char const *text)
{
  if (mysql_query(db, text) == 0) return true;
  note_error(mysql_errno(db), mysql_error(db));
  return false;
}

/* ---- statements ---- */

static void forget(void *statement)
{
  mysql_stmt_close(statement);
}

static void *prepare(char const *text)
{
  MYSQL_STMT *statement = mysql_stmt_init(db);
  if (!statement) return sql_note("out of memory"), errno = ENOMEM, (void *)0;
  if (mysql_stmt_prepare(statement, text, strlen(text)) == 0) return statement;
  note_error(mysql_stmt_errno(statement), mysql_stmt_error(statement));
  int e = errno;
  mysql_stmt_close(statement);
  errno = e;
  return 0;
}

static bool bind_values(MYSQL_STMT *statement, struct field const *values, size_t count)
{
  MYSQL_BIND binds[SQL_VALUES_MAX];
  memset(binds, 0, sizeof binds);
  if (mysql_stmt_param_count(statement) != count) return false;
  for (size_t i = 0; i < count; i++) {
    binds[i].buffer_type = MYSQL_TYPE_STRING;
    binds[i].buffer = values[i].len ? (char *)values[i].s : "";
    binds[i].buffer_length = values[i].len;
  }
  return !count || !mysql_stmt_bind_param(statement, binds);
}

/* ---- rows ---- */

static char cells[SQL_COLUMNS_MAX][VPASSWD_LINE_MAX];
static unsigned long lengths[SQL_COLUMNS_MAX];
static my_bool nulls[SQL_COLUMNS_MAX];

static bool bind_cells(MYSQL_STMT *statement, size_t count)
{
  MYSQL_BIND binds[SQL_COLUMNS_MAX];
  memset(binds, 0, sizeof binds);
  for (size_t i = 0; i < count; i++) {
    binds[i].buffer_type = MYSQL_TYPE_STRING;
    binds[i].buffer = cells[i];
    binds[i].buffer_length = sizeof cells[i];
    binds[i].length = lengths + i;
    binds[i].is_null = nulls + i;
  }
  return !mysql_stmt_bind_result(statement, binds);
}

static bool give_row(struct sql_run const *r, size_t count)
{
  struct field columns[SQL_COLUMNS_MAX];
  for (size_t i = 0; i < count; i++) columns[i] = (struct field){ cells[i], nulls[i] ? 0 : lengths[i] };
  return r->row(r->with, columns, count);
}

/* What is left of the rows is read over. */
static int fetch(MYSQL_STMT *statement, struct sql_run const *r, size_t count)
{
  bool more = r->row;
  int f;
  while ((f = mysql_stmt_fetch(statement)) == 0)
    if (more) more = give_row(r, count);
  return f;
}

static bool take_rows(MYSQL_STMT *statement, struct sql_run const *r)
{
  size_t const count = mysql_stmt_field_count(statement);
  if (!count) return true;
  if (count > SQL_COLUMNS_MAX || !bind_cells(statement, count)) return false;
  int f = fetch(statement, r, count);
  if (f == MYSQL_DATA_TRUNCATED) sql_note("a value of more than 65535 bytes"), errno = EPROTO;
  else if (f != MYSQL_NO_DATA) note_error(mysql_stmt_errno(statement), mysql_stmt_error(statement));
  int e = errno;
  mysql_stmt_free_result(statement);
  errno = e;
  return f == MYSQL_NO_DATA;
}

/* What a column or a rule of the table does not take, or what cannot be compared with one. */
static bool is_unfit(unsigned code)
{
  static unsigned const codes[] = {
    ER_DATA_TOO_LONG, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ER_WARN_DATA_OUT_OF_RANGE, ER_CANT_AGGREGATE_2COLLATIONS,
    ER_INVALID_CHARACTER_STRING, ER_TRUNCATED_WRONG_VALUE, ER_CONSTRAINT_FAILED
  };
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (codes[i] == code) return true;
  return false;
}

static enum sql_result failed(MYSQL_STMT *statement)
{
  unsigned const code = mysql_stmt_errno(statement);
  note_error(code, mysql_stmt_error(statement));
  return code == ER_DUP_ENTRY ? SQL_TWICE : is_unfit(code) ? SQL_UNFIT : SQL_TROUBLE;
}

static enum sql_result run(void *statement, struct sql_run *r)
{
  if (!bind_values(statement, r->values, r->values_count) || mysql_stmt_execute(statement)) return failed(statement);
  r->affected = mysql_stmt_affected_rows(statement);
  return take_rows(statement, r) ? SQL_DONE : SQL_TROUBLE;
}

struct sql const sql_mysql = {
  .style = &sql_style_mysql, .enter = enter, .is_well = is_well, .disconnect = disconnect, .command = command, .prepare = prepare, .run = run, .forget = forget
};
