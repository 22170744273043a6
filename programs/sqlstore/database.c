#include <errno.h>

#include <skalibs/strerr.h>

#include "bytes.h"
#include "connection.h"
#include "database.h"
#include "layout.h"
#include "monotonic.h"

enum { LAYOUT_MS = 5000 };    /* how old what is known of tables is at least before it is read again */

static struct sql_users const *users;
static struct connection_way way;
static int64_t layout_until;
static struct layout layout = LAYOUT_ZERO;

/* ---- tables ---- */

static bool take_column(void *with, struct field const *columns, size_t count)
{
  bool *done = with;
  *done = count >= 2 && layout_add(&layout, columns[0], columns[1]);
  return *done;
}

static bool read_layout(void)
{
  bool done = true;
  struct sql_run run = { .row = take_column, .with = &done };
  layout_begin(&layout);
  bool read = connection_run(users->tables, &run) == SQL_DONE;
  if (read && (!done || !layout_settle(&layout))) return errno = ENOMEM, connection_give_up(), false;
  layout_until = monotonic_ms() + LAYOUT_MS;
  return read;
}

bool database_ready(enum sql_purpose purpose)
{
  enum connection_state const state = connection_ready(purpose);
  if (state == CONNECTION_TROUBLE || (state == CONNECTION_NEW && !read_layout())) return false;
  connection_is_well();
  return true;
}

bool database_is_connected(void)
{
  return connection_is_there();
}

bool database_look_again(void)
{
  return monotonic_ms() > layout_until && database_look();
}

bool database_look(void)
{
  return connection_is_there() && read_layout();
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
  return users->tells_case;
}

bool database_make_table(void)
{
  return connection_command(users->create) && read_layout();
}

/* ---- questions and changes ---- */

void database_use(struct sql_users const *users_)
{
  users = users_;
  way = (struct connection_way){ users->sql, users->connect, users->is_split, false };
  connection_use(&way);
}

void database_warn(char const *what)
{
  strerr_warnw(what, sql_said());
}

enum sql_result database_run(struct database_task const *task, uint64_t *affected)
{
  struct sql_text s;
  struct statement_digits digits;
  struct field values[SQL_VALUES_MAX];
  statement_make(&s, task->kind, users->sql->style, task->table);
  struct sql_run run = { .values = values, .row = task->row, .with = task->with };
  run.values_count = statement_values(values, &s, task->record, task->domain, &digits);
  enum sql_result r = connection_run(s.text, &run);
  *affected = run.affected;
  return r;
}

bool database_begin(void)
{
  return connection_command(users->sql->style->begin);
}

bool database_commit(void)
{
  return connection_command("COMMIT");
}

void database_roll_back(void)
{
  if (connection_is_there()) connection_command("ROLLBACK");
}
