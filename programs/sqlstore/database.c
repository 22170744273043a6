#include <errno.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "bytes.h"
#include "database.h"
#include "layout.h"
#include "monotonic.h"

enum {
  STATEMENTS_MAX = 16,
  REST_MS = 1000,             /* after a connection that could not be made */
  SOON_MS = 500,              /* where that is known sooner, none */
  LAYOUT_MS = 5000            /* how old what is known of tables is at least before it is read again */
};

static struct sql const *sql;
static bool is_connected, is_troubled;
static enum sql_purpose purpose_of_connection;
static int64_t rest_until, layout_until;
static int rest_errno;
static struct layout layout = LAYOUT_ZERO;

/* ---- statements that are prepared ---- */

static struct prepared { struct statement statement; void *handle; } statements[STATEMENTS_MAX];
static size_t next_statement;

static void forget_statements(void)
{
  for (size_t i = 0; i < STATEMENTS_MAX; i++)
    if (statements[i].handle) sql->forget(statements[i].handle);
  memset(statements, 0, sizeof statements);
}

/* In the place of the one that was prepared first. */
static struct prepared *prepare(struct statement const *s)
{
  struct prepared *p = statements + next_statement++ % STATEMENTS_MAX;
  if (p->handle) sql->forget(p->handle);
  p->statement = *s;
  p->handle = sql->prepare(s->text);
  return p->handle ? p : 0;
}

static struct prepared *prepared(struct statement const *s)
{
  for (size_t i = 0; i < STATEMENTS_MAX; i++)
    if (statements[i].handle && strcmp(statements[i].statement.text, s->text) == 0) return statements + i;
  return prepare(s);
}

/* ---- the connection ---- */

static void give_up(void)
{
  int e = errno;
  if (!is_connected) return;
  forget_statements();
  sql->disconnect();
  is_connected = false;
  errno = e;
}

/* It is told once how it begins, and once that it is over. */
static void trouble(void)
{
  int e = errno;
  if (!is_troubled) strerr_warnw("trouble with the database: ", sql->said());
  is_troubled = true;
  give_up();
  errno = e;
}

void database_warn(char const *what)
{
  strerr_warnw(what, sql->said());
}

static void well_again(void)
{
  if (is_troubled) strerr_warni("the database answers again");
  is_troubled = false;
}

static bool connect_now(enum sql_purpose purpose)
{
  if (purpose != SQL_TO_MAKE && monotonic_ms() < rest_until) return errno = rest_errno, false;
  int64_t const begun = monotonic_ms();
  is_connected = sql->connect(purpose);
  if (is_connected) return true;
  rest_errno = errno;
  if (monotonic_ms() - begun > SOON_MS) rest_until = monotonic_ms() + REST_MS;
  trouble();
  return false;
}

/* ---- tables ---- */

static bool take_column(void *with, struct field const *columns, size_t count)
{
  bool *done = with;
  *done = count >= 2 && layout_add(&layout, columns[0], columns[1]);
  return *done;
}

static bool read_layout(void)
{
  struct statement s = { .values = "" };
  bool done = true;
  struct sql_run run = { .row = take_column, .with = &done };
  strncpy(s.text, sql->tables, sizeof s.text - 1);
  layout_begin(&layout);
  struct prepared *p = prepared(&s);
  bool read = p && sql->run(p->handle, &run) == SQL_DONE;
  if (read && (!done || !layout_settle(&layout))) return errno = ENOMEM, give_up(), false;
  if (!read) trouble();
  layout_until = monotonic_ms() + LAYOUT_MS;
  return read;
}

/* The connection that there is serves any purpose, unless there are two servers. */
static bool serves(enum sql_purpose purpose)
{
  bool other = (purpose == SQL_TO_READ) != (purpose_of_connection == SQL_TO_READ);
  return sql->is_well() && !(other && sql->is_split && sql->is_split());
}

bool database_ready(enum sql_purpose purpose)
{
  if (is_connected && !serves(purpose)) give_up();
  if (!is_connected) {
    if (!connect_now(purpose)) return false;
    purpose_of_connection = purpose;
    if (!read_layout()) return false;
  }
  well_again();
  return true;
}

bool database_is_connected(void)
{
  return is_connected;
}

bool database_look_again(void)
{
  return monotonic_ms() > layout_until && database_look();
}

bool database_look(void)
{
  return is_connected && read_layout();
}

bool database_table(struct statement_table *to, struct field domain)
{
  return layout_find(&layout, to, domain);
}

bool database_common_table(struct statement_table *to)
{
  return layout_common(&layout, to);
}

/* What is known of tables may be read anew meanwhile. */
bool database_each_table(bool (*each)(void *with, struct statement_table const *table), void *with)
{
  static stralloc lines = STRALLOC_ZERO;
  struct field const known = layout_lines(&layout);
  struct statement_table table;
  if (!bytes_setb(&lines, known.s, known.len)) return false;
  for (size_t at = 0; layout_next(&table, (struct field){ lines.s, lines.len }, &at);)
    if (!each(with, &table)) return false;
  return true;
}

bool database_tells_case(void)
{
  return sql->tells_case;
}

bool database_make_table(void)
{
  if (sql->command(sql->create)) return read_layout();
  trouble();
  return false;
}

/* ---- questions and changes ---- */

void database_use(struct sql const *sql_)
{
  sql = sql_;
}

enum sql_result database_run(struct database_task const *task, uint64_t *affected)
{
  struct statement s;
  struct statement_digits digits;
  struct field values[SQL_VALUES_MAX];
  statement_make(&s, task->kind, sql, task->table);
  struct sql_run run = { .values = values, .row = task->row, .with = task->with };
  run.values_count = statement_values(values, &s, task->record, task->domain, &digits);
  struct prepared *p = prepared(&s);
  enum sql_result r = p ? sql->run(p->handle, &run) : SQL_TROUBLE;
  *affected = run.affected;
  if (r == SQL_TROUBLE) trouble();
  return r;
}

static bool do_command(char const *text)
{
  if (sql->command(text)) return true;
  trouble();
  return false;
}

bool database_begin(void)
{
  return do_command(sql->begin);
}

bool database_commit(void)
{
  return do_command("COMMIT");
}

void database_roll_back(void)
{
  if (is_connected) do_command("ROLLBACK");
}
