#include <errno.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "connection.h"
#include "monotonic.h"

enum {
  STATEMENTS_MAX = 16,
  REST_MS = 1000,             /* after a connection that could not be made */
  SOON_MS = 500               /* where that is known sooner, none */
};

static struct connection_way const *way;
static struct sql const *sql;
static bool is_connected, is_troubled;
static enum sql_purpose purpose_of_connection;
static int64_t rest_until;
static int rest_errno;

/* ---- statements that are prepared ---- */

static struct prepared { char text[CONNECTION_TEXT_SIZE]; void *handle; } statements[STATEMENTS_MAX];
static size_t next_statement;

static void forget_statements(void)
{
  for (size_t i = 0; i < STATEMENTS_MAX; i++)
    if (statements[i].handle) sql->forget(statements[i].handle);
  memset(statements, 0, sizeof statements);
}

/* In the place of the one that was prepared first. */
static void *prepare(char const *text)
{
  struct prepared *p = statements + next_statement++ % STATEMENTS_MAX;
  if (p->handle) sql->forget(p->handle);
  memset(p, 0, sizeof *p);
  strncpy(p->text, text, sizeof p->text - 1);
  return p->handle = sql->prepare(p->text);
}

static void *prepared(char const *text)
{
  for (size_t i = 0; i < STATEMENTS_MAX; i++)
    if (statements[i].handle && strcmp(statements[i].text, text) == 0) return statements[i].handle;
  return prepare(text);
}

/* ---- the connection ---- */

void connection_give_up(void)
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
  if (!is_troubled && !way->is_silent) strerr_warnw("trouble with the database: ", sql_said());
  is_troubled = true;
  connection_give_up();
  errno = e;
}

void connection_is_well(void)
{
  if (is_troubled && !way->is_silent) strerr_warni("the database answers again");
  is_troubled = false;
}

static bool connect_now(enum sql_purpose purpose)
{
  if (purpose != SQL_TO_MAKE && monotonic_ms() < rest_until) return errno = rest_errno, false;
  int64_t const begun = monotonic_ms();
  is_connected = way->connect(purpose);
  if (is_connected) return true;
  rest_errno = errno;
  if (monotonic_ms() - begun > SOON_MS) rest_until = monotonic_ms() + REST_MS;
  trouble();
  return false;
}

void connection_wake(void)
{
  rest_until = 0;
}

/* The connection that there is serves any purpose, unless there are two servers. */
static bool serves(enum sql_purpose purpose)
{
  bool other = (purpose == SQL_TO_READ) != (purpose_of_connection == SQL_TO_READ);
  return sql->is_well() && !(other && way->is_split && way->is_split());
}

enum connection_state connection_ready(enum sql_purpose purpose)
{
  if (is_connected && !serves(purpose)) connection_give_up();
  if (is_connected) return CONNECTION_KEPT;
  purpose_of_connection = purpose;
  return connect_now(purpose) ? CONNECTION_NEW : CONNECTION_TROUBLE;
}

bool connection_is_there(void)
{
  return is_connected;
}

/* ---- questions and changes ---- */

enum sql_result connection_run(char const *text, struct sql_run *run)
{
  void *statement = prepared(text);
  enum sql_result r = statement ? sql->run(statement, run) : SQL_TROUBLE;
  if (r == SQL_TROUBLE) trouble();
  return r;
}

bool connection_command(char const *text)
{
  if (sql->command(text)) return true;
  trouble();
  return false;
}

void connection_use(struct connection_way const *way_)
{
  way = way_;
  sql = way->sql;
}
