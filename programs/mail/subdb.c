#include <string.h>

#include <skalibs/types.h>

#include "subdb.h"

enum { PLUGIN, HOST, PORT, USER, PASSWORD, DATABASE, TABLE, PARTS };

#define USUAL "ezmlm"

static char const *const names[SUBDB_KINDS] = {
  [SUBDB_FILES] = "std", [SUBDB_MYSQL] = "mysql", [SUBDB_PGSQL] = "pgsql", [SUBDB_SQLITE] = "sqlite3"
};

char const *subdb_name(enum subdb_kind kind)
{
  return names[kind];
}

/* "sql" is what a list is remembered to have that has DIR/sql, which dates from when one server was known. */
enum subdb_kind subdb_named(char const *name)
{
  if (strcmp(name, "sql") == 0) return SUBDB_MYSQL;
  for (enum subdb_kind kind = 0; kind < SUBDB_KINDS; kind++)
    if (strcmp(names[kind], name) == 0) return kind;
  return SUBDB_KINDS;
}

bool subdb_is_table(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    char const c = s[i] | 0x20;
    if (!(c >= 'a' && c <= 'z') && !(s[i] >= '0' && s[i] <= '9') && s[i] != '_' && s[i] != '-') return false;
  }
  return len && len <= SUBDB_TABLE_MAX;
}

/* The first that is neither empty nor a comment, without the blanks at its end. */
static bool line_find(char const **line, size_t *line_len, char const *s, size_t len)
{
  for (size_t at = 0; at < len; at += *line_len + 1) {
    char const *newline = memchr(s + at, '\n', len - at);
    *line = s + at;
    *line_len = newline ? (size_t)(newline - *line) : len - at;
    size_t const whole = *line_len;
    while (*line_len && strchr(" \t\r", (*line)[*line_len - 1])) --*line_len;
    if (*line_len && **line != '#') return true;
    *line_len = whole;
  }
  return false;
}

/* Cuts the line in place, from that part on. False: there are too many. */
static bool cut(char const *parts[PARTS], size_t from, char *line)
{
  size_t i = from;
  for (char *next = line; next; i++) {
    if (i == PARTS) return false;
    parts[i] = next;
    next = strchr(next, ':');
    if (next) *next++ = 0;
  }
  while (i < PARTS) parts[i++] = "";
  return true;
}

static bool take_port(struct subdb *to, char const *port)
{
  to->socket = *port == '/' ? port : 0;
  to->port = 0;
  return to->socket || !*port || (uint0_scan(port, &to->port) && to->port <= 65535);
}

static char const *fault_of(struct subdb *to, char const *const parts[PARTS])
{
  to->kind = subdb_named(parts[PLUGIN]);
  if (to->kind == SUBDB_KINDS) return "it names none of std, mysql, pgsql and sqlite3";
  if (to->kind == SUBDB_FILES) return 0;
  if (!take_port(to, parts[PORT])) return "what stands behind the host is neither a port nor the path of a socket";
  to->host = parts[HOST];
  to->user = parts[USER];
  to->password = parts[PASSWORD];
  to->database = *parts[DATABASE] ? parts[DATABASE] : USUAL;
  to->table = *parts[TABLE] ? parts[TABLE] : USUAL;
  if (!*to->user && to->kind != SUBDB_SQLITE) return "there is no user";
  return subdb_is_table(to->table, strlen(to->table)) ? 0 : "the table's name is not of letters, digits, _ and -, or has more than 40";
}

bool subdb_parse(struct subdb *to, char const **fault, char const *file, char const *s, size_t len)
{
  char const *line, *parts[PARTS] = { [PLUGIN] = "sql" };
  size_t line_len;
  memset(to, 0, sizeof *to);
  if (!line_find(&line, &line_len, s, len)) return *fault = "there is no line", false;
  if (line_len > SUBDB_LINE_MAX || memchr(line, 0, line_len)) return *fault = "it is no text, or too long", false;
  memcpy(to->space, line, line_len);
  *fault = cut(parts, strcmp(file, "sql") == 0 ? HOST : PLUGIN, to->space) ? fault_of(to, parts)
    : "a line is plugin:host:port:user:password:database:table";
  return !*fault;
}
