#include <string.h>

#include "bytes.h"
#include "schema.h"
#include "setup_text.h"

/* % is the database, ^ the user, ! his password as a literal, & the host from which he comes, ~ his rights, # the table. */
static char const *const databases[] = {
  [SETUP_SQLITE] = "#;\n",
  [SETUP_MYSQL] = "SET SESSION sql_mode = '';\n"
                  "CREATE DATABASE IF NOT EXISTS `%`;\n"
                  "USE `%`;\n"
                  "#;\n",
  [SETUP_PGSQL] = "SELECT 'CREATE DATABASE \"%\"' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '%')\\gexec\n"
                  "\\connect \"%\"\n"
                  "#;\n"
};

static char const *const users[] = {
  [SETUP_MYSQL] = "CREATE USER IF NOT EXISTS '^'@'&' IDENTIFIED BY !;\n"
                  "ALTER USER '^'@'&' IDENTIFIED BY !;\n"
                  "GRANT ~ ON `%`.vpopmail TO '^'@'&';\n",
  [SETUP_PGSQL] = "SELECT 'CREATE ROLE \"^\"' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '^')\\gexec\n"
                  "ALTER ROLE \"^\" LOGIN PASSWORD !;\n"
                  "GRANT USAGE ON SCHEMA public TO \"^\";\n"
                  "GRANT ~ ON vpopmail TO \"^\";\n"
};

static char const *const tables[] = {
  [SETUP_SQLITE] = schema_sqlite, [SETUP_MYSQL] = schema_mysql, [SETUP_PGSQL] = schema_pgsql
};

struct setup { enum setup_kind kind; struct server_line const *line; char const *rights; };

/* A backslash is one in PostgreSQL, and in MariaDB the beginning of something else. */
static bool add_literal(stralloc *to, struct setup const *s, char const *text)
{
  if (!bytes_addc(to, '\'')) return false;
  for (; *text; text++) {
    bool twice = *text == '\'' || (*text == '\\' && s->kind == SETUP_MYSQL);
    if (!bytes_addb(to, text, 1) || (twice && !bytes_addb(to, text, 1))) return false;
  }
  return bytes_addc(to, '\'');
}

/* Who comes through a socket, or from here, is at localhost; a server elsewhere sees some name of ours. */
static char const *host_of(struct server_line const *line)
{
  static char const *const here[] = { "", "localhost", "127.0.0.1", "::1" };
  for (size_t i = 0; i < sizeof here / sizeof *here; i++)
    if (line->socket || strcmp(line->host, here[i]) == 0) return "localhost";
  return "%";
}

static bool add_pattern(stralloc *to, struct setup const *s, char const *pattern)
{
  bool added = true;
  for (; added && *pattern; pattern++)
    switch (*pattern) {
      case '%': added = bytes_add(to, s->line->database); break;
      case '^': added = bytes_add(to, s->line->user); break;
      case '!': added = add_literal(to, s, s->line->password); break;
      case '&': added = bytes_add(to, host_of(s->line)); break;
      case '~': added = bytes_add(to, s->rights); break;
      case '#': added = bytes_add(to, tables[s->kind]); break;
      default: added = bytes_addb(to, pattern, 1);
    }
  return added;
}

/* In a statement, and in a command of the client, a name means nothing but itself. */
static bool is_plain(char const *name)
{
  for (char const *p = name; *p; p++)
    if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", *p)) return false;
  return *name && *name != '-';
}

static bool is_fit(char const **fault, struct server_line const *line)
{
  *fault = is_plain(line->user) && is_plain(line->database) ? 0
    : "the name of the user or of the database has more than letters, digits, _ and -";
  return !*fault;
}

bool setup_text(stralloc *to, char const **fault, enum setup_kind kind, struct server_line const *changes, struct server_line const *reads)
{
  *fault = 0;
  struct setup s = { kind, changes, SCHEMA_RIGHTS };
  if (kind == SETUP_SQLITE) return add_pattern(to, &s, databases[kind]);
  if (!is_fit(fault, changes) || (reads && !is_fit(fault, reads))) return false;
  if (!add_pattern(to, &s, databases[kind])) return false;
  struct setup reader = { kind, reads, "SELECT" };
  return (!reads || add_pattern(to, &reader, users[kind])) && add_pattern(to, &s, users[kind]);
}
