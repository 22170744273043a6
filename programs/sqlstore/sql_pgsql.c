#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <postgresql/libpq-fe.h>

#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "bytes.h"
#include "monotonic.h"
#include "pgsql_socket.h"
#include "sql.h"
#include "vpasswd.h"

enum {
  CONNECT_MS = 3000,
  ANSWER_MS = 3000,           /* for each answer of the server, and each row of one */
  SLOTS = 32,                 /* more statements than are ever prepared at a time */
  PADDED = 1042               /* the type of a column of a fixed length */
};

static PGconn *db;
static int64_t deadline;

/* ---- what went wrong ---- */

/* By the code of the server, or the first two of its letters. */
static struct { char const *code; int error; enum sql_result result; } const errors[] = {
  { "23505", EEXIST, SQL_TWICE },
  { "22", EINVAL, SQL_UNFIT }, { "23", EINVAL, SQL_UNFIT },
  { "25006", EROFS, SQL_TROUBLE }, { "42P01", ENOENT, SQL_TROUBLE }, { "42501", EREMOTEIO, SQL_TROUBLE },
  { "53100", ENOSPC, SQL_TROUBLE }, { "53200", ENOMEM, SQL_TROUBLE }, { "53300", EAGAIN, SQL_TROUBLE },
  { "55P03", ETIMEDOUT, SQL_TROUBLE }, { "57014", ETIMEDOUT, SQL_TROUBLE }, { "40", EDEADLK, SQL_TROUBLE },
  { "57P", ECONNRESET, SQL_TROUBLE }, { "08", ECONNRESET, SQL_TROUBLE }
};

static enum sql_result judge(char const *code)
{
  errno = EREMOTEIO;
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if (strncmp(code, errors[i].code, strlen(errors[i].code)) == 0) return errno = errors[i].error, errors[i].result;
  return SQL_TROUBLE;
}

static bool lost(int error)
{
  sql_note(PQerrorMessage(db));
  return errno = error, false;
}

/* ---- waiting ---- */

static bool wait_for(short events)
{
  struct pollfd p = { .fd = PQsocket(db), .events = events };
  int r;
  do {
    int64_t const left = deadline - monotonic_ms();
    r = poll(&p, 1, left > 0 ? (int)left : 0);
  } while (r == -1 && errno == EINTR);
  if (r == 1) return true;
  if (!r) sql_note("no answer of the server in time"), errno = ETIMEDOUT;
  return false;
}

static bool flush(void)
{
  int r;
  while ((r = PQflush(db)) == 1) {
    if (!wait_for(POLLIN | POLLOUT)) return false;
    if (!PQconsumeInput(db)) break;
  }
  return r == 0 || lost(ECONNRESET);
}

static bool comes(void)
{
  while (PQisBusy(db)) {
    if (!wait_for(POLLIN)) return false;
    if (!PQconsumeInput(db)) return lost(ECONNRESET);
  }
  return true;
}

/* ---- answers ---- */

/* What a column of a fixed length has behind its value is none of it. */
static struct field cell(PGresult const *row, int i)
{
  struct field f = { PQgetvalue(row, 0, i), (size_t)PQgetlength(row, 0, i) };
  while (PQftype(row, i) == PADDED && f.len && f.s[f.len - 1] == ' ') f.len--;
  return f;
}

static enum sql_result give_row(struct sql_run *r, PGresult const *row)
{
  struct field columns[SQL_COLUMNS_MAX];
  int const count = PQnfields(row);
  if (count > SQL_COLUMNS_MAX) return errno = EPROTO, SQL_TROUBLE;
  for (int i = 0; i < count; i++) {
    columns[i] = cell(row, i);
    if (columns[i].len >= VPASSWD_LINE_MAX) return sql_note("a value of more than 65535 bytes"), errno = EPROTO, SQL_TROUBLE;
  }
  if (r->row && !r->row(r->with, columns, (size_t)count)) r->row = 0;
  return SQL_DONE;
}

static enum sql_result failed(PGresult const *answer)
{
  char const *code = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  sql_note(PQresultErrorMessage(answer));
  return judge(code ? code : "08");
}

static enum sql_result take(struct sql_run *r, PGresult *answer)
{
  enum sql_result result = SQL_DONE;
  switch (PQresultStatus(answer)) {
    case PGRES_SINGLE_TUPLE: result = give_row(r, answer); break;
    case PGRES_TUPLES_OK: case PGRES_COMMAND_OK: uint640_scan(PQcmdTuples(answer), &r->affected); break;
    default: result = failed(answer);
  }
  int e = errno;
  PQclear(answer);
  errno = e;
  return result;
}

/* What is left of an answer is read over, but not after trouble: then the connection is given up. */
static enum sql_result hear(struct sql_run *r)
{
  enum sql_result result = SQL_DONE;
  while (result != SQL_TROUBLE) {
    deadline = monotonic_ms() + ANSWER_MS;
    if (!comes()) return SQL_TROUBLE;
    PGresult *answer = PQgetResult(db);
    if (!answer) break;
    enum sql_result now = take(r, answer);
    if (now != SQL_DONE) result = now;
  }
  return result;
}

static enum sql_result ask(int sent, struct sql_run *r)
{
  deadline = monotonic_ms() + ANSWER_MS;
  if (!sent) return lost(ECONNRESET), SQL_TROUBLE;
  PQsetSingleRowMode(db);
  return flush() ? hear(r) : SQL_TROUBLE;
}

/* What a failed transaction has done is not done: COMMIT would only say so aside. */
static bool command(char const *text)
{
  struct sql_run r = { .row = 0 };
  if (PQtransactionStatus(db) == PQTRANS_INERROR && strncmp(text, "ROLLBACK", 8) != 0)
    return sql_note("the transaction has failed"), errno = EREMOTEIO, false;
  return ask(PQsendQuery(db, text), &r) == SQL_DONE;
}

/* ---- statements ---- */

/* The name of one that is forgotten is used again; only then the server forgets it as well. */
static struct slot { bool is_taken, is_known; char name[8]; } slots[SLOTS];

static void forget(void *statement)
{
  ((struct slot *)statement)->is_taken = false;
}

static bool is_free(struct slot *slot)
{
  char text[32];
  if (!slot->is_known) return true;
  snprintf(text, sizeof text, "DEALLOCATE %s", slot->name);
  slot->is_known = !command(text);
  return !slot->is_known;
}

static void *prepare(char const *text)
{
  struct sql_run r = { .row = 0 };
  size_t i = 0;
  while (i < SLOTS && slots[i].is_taken) i++;
  if (i == SLOTS) return errno = ENOMEM, (void *)0;
  if (!is_free(slots + i)) return 0;
  snprintf(slots[i].name, sizeof slots[i].name, "s%u", (unsigned)i);
  if (ask(PQsendPrepare(db, slots[i].name, text, 0, 0), &r) != SQL_DONE) return 0;
  slots[i].is_taken = slots[i].is_known = true;
  return slots + i;
}

/* As strings, one behind the other. A value with a NUL fits no column. */
static enum sql_result strings_make(char const *strings[SQL_VALUES_MAX], struct sql_run const *r)
{
  static stralloc space = STRALLOC_ZERO;
  size_t len = 0;
  for (size_t i = 0; i < r->values_count; i++) {
    if (r->values[i].len && memchr(r->values[i].s, 0, r->values[i].len)) return errno = EINVAL, SQL_UNFIT;
    len += r->values[i].len + 1;
  }
  if (!bytes_ready(&space, len)) return SQL_TROUBLE;
  space.len = 0;
  for (size_t i = 0; i < r->values_count; i++) {
    strings[i] = space.s + space.len;
    if (!bytes_addb(&space, r->values[i].s, r->values[i].len) || !bytes_end(&space)) return SQL_TROUBLE;
  }
  return SQL_DONE;
}

static enum sql_result run(void *statement, struct sql_run *r)
{
  struct slot const *slot = statement;
  char const *strings[SQL_VALUES_MAX];
  enum sql_result made = strings_make(strings, r);
  if (made != SQL_DONE) return made;
  return ask(PQsendQueryPrepared(db, slot->name, (int)r->values_count, strings, 0, 0, 0), r);
}

/* ---- the connection ---- */

static void disconnect(void)
{
  PQfinish(db);
  db = 0;
  memset(slots, 0, sizeof slots);
}

static void say_nothing(void *with, char const *words)
{
  (void)with, (void)words;
}

static bool begin(struct server_line const *line, char const *host, unsigned port)
{
  char number[UINT_FMT + 1] = "";
  if (port) number[uint_fmt(number, port)] = 0;
  char const *const names[] = { "host", "port", "user", "password", "dbname", "client_encoding", "application_name", "gssencmode",
                                "sslmode", "sslrootcert", 0 };
  char const *const values[] = { host, number, line->user, line->password, line->database, "UTF8", PROG, "disable",
                                 line->authority ? "verify-full" : "prefer", line->authority, 0 };
  db = PQconnectStartParams(names, values, 0);
  if (!db) return sql_note("out of memory"), errno = ENOMEM, false;
  PQsetNoticeProcessor(db, say_nothing, 0);
  return true;
}

static bool finish(void)
{
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  deadline = monotonic_ms() + CONNECT_MS;
  if (PQstatus(db) == CONNECTION_BAD) return lost(ECONNREFUSED);
  while (next == PGRES_POLLING_WRITING || next == PGRES_POLLING_READING) {
    if (!wait_for(next == PGRES_POLLING_WRITING ? POLLOUT : POLLIN)) return false;
    next = PQconnectPoll(db);
  }
  return next == PGRES_POLLING_OK || lost(ECONNREFUSED);
}

/* It takes no longer than this to wait for whoever has the row; what is said to be done is on disk, whatever the server does for others;
   and no statement of ours is worth being compiled. */
static bool set_up(void)
{
  return PQsetnonblocking(db, 1) == 0 && command("SET lock_timeout = 2000")
    && command("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'; "
               "SELECT set_config('jit', 'off', false) WHERE current_setting('jit', true) = 'on'");
}

static bool enter(struct server_line const *line, enum sql_purpose purpose)
{
  struct pgsql_socket socket = { .port = line->port };
  (void)purpose;
  if (line->socket && !pgsql_socket_parse(&socket, line->socket)) return sql_note("the path of the socket is too long"), errno = EPROTO, false;
  if (!begin(line, line->socket ? socket.directory : line->host, socket.port)) return false;
  if (finish() && set_up()) return true;
  int e = errno;
  disconnect();
  errno = e;
  return false;
}

static bool is_well(void)
{
  return sql_is_quiet(PQsocket(db));
}

struct sql const sql_pgsql = {
  .style = &sql_style_pgsql, .enter = enter, .is_well = is_well, .disconnect = disconnect, .command = command, .prepare = prepare, .run = run, .forget = forget
};
