#include <string.h>

#include <skalibs/types.h>

#include "server_line.h"

enum { HOST, PORT, USER, PASSWORD, DATABASE, PARTS };

/* Comments and empty lines are none. */
static bool line_next(char const **line, size_t *line_len, char const *s, size_t len, size_t *at)
{
  while (*at < len) {
    char const *newline = memchr(s + *at, '\n', len - *at);
    *line = s + *at;
    *line_len = newline ? (size_t)(newline - *line) : len - *at;
    *at += *line_len + (newline != 0);
    if (*line_len && (*line)[*line_len - 1] == '\r') --*line_len;
    if (*line_len && **line != '#') return true;
  }
  return false;
}

static bool line_find(char const **line, size_t *line_len, char const *s, size_t len, bool second)
{
  size_t at = 0;
  if (!line_next(line, line_len, s, len, &at)) return false;
  return !second || line_next(line, line_len, s, len, &at);
}

bool server_line_is_split(char const *s, size_t len)
{
  char const *line;
  size_t line_len;
  return line_find(&line, &line_len, s, len, true);
}

/* Cuts the line in place. Five parts, or it is none. */
static bool cut(char *parts[PARTS], char *line)
{
  size_t count = 0;
  for (char *next = line; next; count++) {
    if (count == PARTS) return false;
    parts[count] = next;
    next = strchr(next, '|');
    if (next) *next++ = 0;
  }
  return count == PARTS;
}

static bool take_port(struct server_line *to, char const *port)
{
  to->socket = *port == '/' ? port : 0;
  to->port = 0;
  return to->socket || !*port || (uint0_scan(port, &to->port) && to->port <= 65535);
}

static char const *fault_of(struct server_line *to, char *const parts[PARTS])
{
  if (!take_port(to, parts[PORT])) return "what stands behind the host is neither a port nor the path of a socket";
  if (!*parts[USER]) return "there is no user";
  if (!*parts[DATABASE]) return "there is no database";
  to->host = parts[HOST];
  to->user = parts[USER];
  to->password = parts[PASSWORD];
  to->database = parts[DATABASE];
  return 0;
}

bool server_line_parse(struct server_line *to, char const **fault, char const *s, size_t len, bool for_changes)
{
  char const *line;
  char *parts[PARTS];
  size_t line_len;
  if (len >= SERVER_LINE_MAX || (len && memchr(s, 0, len))) return *fault = "it is no text, or too long", false;
  bool found = (for_changes && line_find(&line, &line_len, s, len, true)) || line_find(&line, &line_len, s, len, false);
  if (!found) return *fault = "there is no line", false;
  memcpy(to->space, line, line_len);
  to->space[line_len] = 0;
  *fault = cut(parts, to->space) ? fault_of(to, parts) : "a line is host|port|user|password|database";
  return !*fault;
}
