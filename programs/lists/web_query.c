#include <string.h>

#include "number.h"
#include "surf.h"
#include "web_query.h"

enum { MONTH_DIGITS = 6, YEAR_MIN = 1900 };

/* A number and nothing else. */
static bool is_number(uint64_t *to, struct field f)
{
  return f.len && f.len < 19 && number_scan(f.s, f.len, to) == f.len;
}

static bool is_hash(struct field f)
{
  if (f.len != SURF_LETTERS) return false;
  for (size_t i = 0; i < f.len; i++)
    if (f.s[i] < 'a' || f.s[i] > 'p') return false;
  return true;
}

static bool is_month(unsigned *to, struct field f)
{
  uint64_t month;
  if (f.len != MONTH_DIGITS || !is_number(&month, f) || month < YEAR_MIN * 100 || month % 100 < 1 || month % 100 > 12) return false;
  *to = (unsigned)month;
  return true;
}

unsigned web_month(unsigned month, int later)
{
  int const months = (int)(month / 100) * 12 + (int)(month % 100) - 1 + later;
  return (unsigned)(months / 12 * 100 + months % 12 + 1);
}

static bool one_of(char c, char const *these)
{
  return c && strchr(these, c);
}

static bool read_query(struct web_query *q, struct field query)
{
  struct field parts[5] = { { 0, 0 } };
  size_t const count = fields_split(parts, 5, query.s, query.len);
  if (!is_number(&q->list, parts[0])) return false;
  if (count == 1 || (count == 2 && !parts[1].len)) return true;
  if (parts[1].len != 3 || !one_of(parts[1].s[0], "msadi") || !one_of(parts[1].s[1], "msadi") || !one_of(parts[1].s[2], "snp")) return false;
  q->view = parts[1].s[0], q->axis = parts[1].s[1], q->step = parts[1].s[2];
  if (count > 2 && parts[2].len && !is_number(&q->number, parts[2])) return false;
  for (size_t i = 3; i < count; i++) {
    if (!parts[i].len || is_month(&q->month, parts[i])) continue;
    if (!is_hash(parts[i])) return false;
    q->hash = parts[i];
  }
  return true;
}

/* What stands before the next slash; *rest moves behind it. */
static struct field segment(struct field *rest)
{
  char const *slash = rest->len ? memchr(rest->s, '/', rest->len) : 0;
  struct field const f = { rest->s, slash ? (size_t)(slash - rest->s) : rest->len };
  rest->s += f.len + (slash != 0), rest->len -= f.len + (slash != 0);
  return f;
}

static bool read_path(struct web_query *q, struct field path)
{
  segment(&path);
  struct field part = segment(&path);
  if (!part.len) return true;
  if (!field_is(part, "index")) {
    if (!is_number(&q->list, part)) return false;
    part = segment(&path);
    if (!part.len) return true;
  }
  q->step = 's';
  q->view = q->axis = field_is(part, "index") ? 'i' : 'm';
  if (q->view == 'm') return is_number(&q->number, part) && !path.len;
  part = segment(&path);
  if (part.len && (!is_number(&q->number, part) || q->number > UINT32_MAX)) return false;
  if (part.len) q->number = q->number * 100 + (q->number == 0);
  return !path.len;
}

bool web_query_read(struct web_query *q, struct field query, struct field path)
{
  *q = (struct web_query){ .hash = { "", 0 } };
  if (query.len > WEB_QUERY_MAX || path.len > WEB_QUERY_MAX) return false;
  return query.len ? read_query(q, query) : read_path(q, path);
}
