#include <string.h>
#include <strings.h>

#include "number.h"
#include "parts.h"
#include "sts.h"

char const *const sts_modes[STS_MODES] = { [STS_NONE] = "none", [STS_TESTING] = "testing", [STS_ENFORCE] = "enforce" };

static struct field trimmed(struct field f)
{
  while (f.len && (*f.s == ' ' || *f.s == '\t')) f.s++, f.len--;
  while (f.len && strchr(" \t\r", f.s[f.len - 1]) && f.s[f.len - 1]) f.len--;
  return f;
}

/* What stands before the next such byte; *rest moves behind it. */
static struct field before(struct field *rest, char end)
{
  char const *at = rest->len ? memchr(rest->s, end, rest->len) : 0;
  struct field found = { rest->s, at ? (size_t)(at - rest->s) : rest->len };
  size_t gone = found.len + (at != 0);
  rest->s += gone;
  rest->len -= gone;
  return found;
}

static bool all_in(struct field f, char const *more)
{
  for (size_t i = 0; i < f.len; i++) {
    char c = f.s[i];
    bool common = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!common && (!c || !strchr(more, c))) return false;
  }
  return true;
}

/* ---- the record ---- */

#define VERSION "STSv1"

bool sts_is_record(char const *s, size_t len)
{
  struct field rest = { s, len };
  return len && *s == 'v' && memchr(s, ';', len) && field_is(trimmed(before(&rest, ';')), "v=" VERSION);
}

bool sts_record_id(struct field *id, char const *s, size_t len)
{
  struct field rest = { s, len };
  if (!len || !sts_is_record(s, len)) return false;
  before(&rest, ';');
  while (rest.len) {
    struct field value = trimmed(before(&rest, ';')), name = before(&value, '=');
    if (!field_is(name, "id")) continue;
    *id = value;
    return value.len && value.len <= STS_ID_MAX && all_in(value, "");
  }
  return false;
}

/* ---- the policy ---- */

enum { HAS_VERSION = 1, HAS_MODE = 2, HAS_AGE = 4 };

static bool read_mode(struct sts_policy *p, struct field value)
{
  size_t mode = part_word_find(sts_modes, STS_MODES, value);
  p->mode = (enum sts_mode)mode;
  return mode < STS_MODES;
}

static bool read_age(struct sts_policy *p, struct field value)
{
  uint64_t age;
  if (!value.len || number_scan(value.s, value.len, &age) != value.len) return false;
  p->max_age = age < STS_AGE_MIN ? STS_AGE_MIN : age < STS_AGE_MAX ? (uint32_t)age : STS_AGE_MAX;
  return true;
}

/* A pattern of old drafts, ".example.net", is none. */
static bool read_server(struct sts_policy *p, struct field value)
{
  bool wild = value.len > 2 && value.s[0] == '*' && value.s[1] == '.';
  struct field name = { value.s + 2 * wild, value.len - 2 * (size_t)wild };
  if (!name.len || *name.s == '.' || !all_in(name, ".-_")) return false;
  if (value.len + 1 > sizeof p->patterns - p->len) return false;
  memcpy(p->patterns + p->len, value.s, value.len);
  p->len += value.len;
  p->patterns[p->len++] = 0;
  return true;
}

static bool read_version(struct sts_policy *p, struct field value)
{
  (void)p;
  return field_is(value, VERSION);
}

static struct { char const *key; unsigned seen; bool (*read)(struct sts_policy *, struct field); } const keys[] = {
  { "version", HAS_VERSION, read_version }, { "mode", HAS_MODE, read_mode }, { "max_age", HAS_AGE, read_age }, { "mx", 0, read_server }
};

/* Of what may stand there once the first counts; what is not known is passed over. */
static bool read_line(struct sts_policy *p, unsigned *seen, struct field line)
{
  struct field value = line, key = trimmed(before(&value, ':'));
  if (key.len == line.len) return !key.len;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (!field_is(key, keys[i].key)) continue;
    if (keys[i].seen & *seen) return true;
    *seen |= keys[i].seen;
    return keys[i].read(p, trimmed(value));
  }
  return true;
}

bool sts_policy_read(struct sts_policy *p, char const *s, size_t len)
{
  struct field rest = { s, len };
  unsigned seen = 0;
  p->len = 0;
  if (len > STS_POLICY_MAX) return false;
  while (rest.len)
    if (!read_line(p, &seen, trimmed(before(&rest, '\n')))) return false;
  return seen == (HAS_VERSION | HAS_MODE | HAS_AGE) && (p->len || p->mode == STS_NONE);
}

/* ---- servers ---- */

static bool matches(char const *pattern, char const *server, size_t len)
{
  char const *dot = memchr(server, '.', len);
  if (strncmp(pattern, "*.", 2) != 0) return strlen(pattern) == len && !strncasecmp(pattern, server, len);
  if (!dot || dot == server) return false;
  size_t rest = len - (size_t)(dot - server);
  return strlen(pattern + 1) == rest && !strncasecmp(pattern + 1, dot, rest);
}

bool sts_allows(struct sts_policy const *p, char const *server)
{
  size_t len = strlen(server);
  if (len && server[len - 1] == '.') len--;
  for (size_t at = 0; at < p->len; at += strlen(p->patterns + at) + 1)
    if (len && matches(p->patterns + at, server, len)) return true;
  return false;
}
