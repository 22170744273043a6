#include <errno.h>
#include <string.h>

#include <skalibs/buffer.h>

#include "schema.h"
#include "setup_check.h"
#include "text.h"

static struct sql_users const *users;
static bool is_wrong;

/* ---- complaints ---- */

/* In one line, whatever a server says. */
static void put(char const *s)
{
  for (; *s; s++) buffer_put(buffer_1, (unsigned char)*s < ' ' ? " " : s, 1);
}

static void complain(char const *const what[], char const *const todo[])
{
  is_wrong = true;
  for (; *what; what++) put(*what);
  buffer_put(buffer_1, "\t", 1);
  for (; *todo; todo++) put(*todo);
  buffer_putflush(buffer_1, "\n", 1);
}

#define WORDS(...) (char const *const []){ __VA_ARGS__, 0 }

/* What the file is said to be tells itself what to do. */
static void complain_of_place(void)
{
  char const *said = sql_said();
  if (strncmp(said, "etc/", 4) == 0) complain(WORDS(said), WORDS("write it as qmail-store-", users->name, "(8) says"));
  else complain(WORDS(said), WORDS("start the server, and see that etc/vpopmail.", users->name, " has its host, user, password and database"));
}

static bool ask(char const *text, sql_row *row, void *with)
{
  struct sql_run run = { .row = row, .with = with };
  void *statement = users->sql->prepare(text);
  bool done = statement && users->sql->run(statement, &run) == SQL_DONE;
  if (!done) complain(WORDS(sql_said()), WORDS("see the log of the server"));
  if (statement) users->sql->forget(statement);
  return done;
}

/* ---- tables ---- */

static struct { stralloc name; bool has[SCHEMA_COLUMNS]; size_t tables; } seen = { .name = STRALLOC_ZERO };

static void judge_table(void)
{
  if (!seen.has[0]) return;
  seen.tables++;
  bool is_of_all = strcmp(seen.name.s, "vpopmail") == 0;
  for (size_t i = 0; i < SCHEMA_COLUMNS; i++) {
    struct schema_column const *c = schema_columns + i;
    if (seen.has[i] || c->may_be_missing || (i == SCHEMA_DOMAIN && !is_of_all)) continue;
    complain(WORDS("table ", seen.name.s, " has no column ", c->name), WORDS("ALTER TABLE ", seen.name.s, " ADD ", c->name, " ", c->type));
  }
}

static size_t number_of(struct field f)
{
  size_t n = 0;
  for (size_t i = 0; i < f.len && i < 9 && f.s[i] >= '0' && f.s[i] <= '9'; i++) n = 10 * n + (size_t)(f.s[i] - '0');
  return n;
}

static void judge_column(struct schema_column const *c, struct field width)
{
  size_t const n = number_of(width);
  if (!n || n >= c->least) return;
  complain(WORDS("column ", c->name, " of table ", seen.name.s, " is too narrow for the hashes of today"),
           WORDS("ALTER TABLE ", seen.name.s, users->widen, c->name, users->widen_to, c->type));
}

/* Table, column, characters. */
static bool take_column(void *with, struct field const *columns, size_t count)
{
  (void)with;
  if (count < 3) return true;
  if (!seen.name.s || !field_is(columns[0], seen.name.s)) {
    judge_table();
    memset(seen.has, 0, sizeof seen.has);
    text_setb(&seen.name, columns[0].s, columns[0].len);
    text_z(&seen.name);
  }
  for (size_t i = 0; i < SCHEMA_COLUMNS; i++) {
    if (!field_is(columns[1], schema_columns[i].name)) continue;
    seen.has[i] = true;
    judge_column(schema_columns + i, columns[2]);
  }
  return true;
}

static void check_tables(void)
{
  seen.tables = 0;
  seen.name.len = 0;
  memset(seen.has, 0, sizeof seen.has);
  if (!ask(users->check_columns, take_column, 0)) return;
  judge_table();
  if (!seen.tables) complain(WORDS("there is no table vpopmail that the user may see"), WORDS("vsetup-sql ", users->name, " prints how it is made and given to him"));
}

/* A table. */
static bool take_keyless(void *with, struct field const *columns, size_t count)
{
  static stralloc table = STRALLOC_ZERO;
  (void)with, (void)count;
  text_setb(&table, columns[0].s, columns[0].len);
  bool is_of_all = strcmp(text_z(&table), "vpopmail") == 0;
  complain(WORDS("table ", table.s, " has no key: a user may be there twice"),
           WORDS("ALTER TABLE ", table.s, " ADD PRIMARY KEY (pw_name", is_of_all ? ", pw_domain)" : ")"));
  return true;
}

/* ---- rights ---- */

struct rights { bool has[4]; stralloc surplus; };

static char const *const needed[] = { "SELECT", "INSERT", "UPDATE", "DELETE" };

/* A right, and whether he should not have it. */
static bool take_right(void *rights_, struct field const *columns, size_t count)
{
  struct rights *rights = rights_;
  if (count > 1 && columns[1].len) {
    if (rights->surplus.len) text_add(&rights->surplus, ", ");
    text_addb(&rights->surplus, columns[0].s, columns[0].len);
  }
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) rights->has[i] |= field_is(columns[0], needed[i]);
  return true;
}

/* Who only reads needs the first. */
static void check_rights(enum sql_purpose purpose)
{
  struct rights rights = { .surplus = STRALLOC_ZERO };
  size_t const count = purpose == SQL_TO_READ ? 1 : sizeof needed / sizeof *needed;
  if (!users->check_rights || !ask(users->check_rights, take_right, &rights)) return;
  for (size_t i = 0; i < count; i++)
    if (!rights.has[i] && seen.tables) complain(WORDS("the user may not ", needed[i]), WORDS("vsetup-sql ", users->name, " prints how it is given to him"));
  if (rights.surplus.len) complain(WORDS("the user may more than he needs: ", text_z(&rights.surplus)), WORDS("take it from him with REVOKE"));
  stralloc_free(&rights.surplus);
}

/* ---- all of it ---- */

static void check_as(enum sql_purpose purpose)
{
  if (!users->connect(purpose)) {
    complain_of_place();
    return;
  }
  check_tables();
  if (seen.tables && purpose != SQL_TO_READ) ask(users->check_keys, take_keyless, 0);
  check_rights(purpose);
  users->sql->disconnect();
}

int setup_check(struct sql_users const *users_)
{
  char const *what, *todo;
  users = users_;
  if (users->place_fault && users->place_fault(&what, &todo)) complain(WORDS(what), WORDS(todo));
  check_as(SQL_TO_CHANGE);
  if (users->is_split && users->is_split()) check_as(SQL_TO_READ);
  return is_wrong;
}
