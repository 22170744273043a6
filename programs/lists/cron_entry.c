#include <string.h>
#include <strings.h>

#include "cron_entry.h"
#include "number.h"
#include "text.h"

static bool same_anycase(struct field a, struct field b)
{
  return a.len == b.len && !strncasecmp(a.s, b.s, a.len);
}

/* ---- rights ---- */

bool cron_right_read(struct cron_right *to, struct field line)
{
  struct field parts[5] = { { "", 0 } };
  size_t count = fields_split(parts, 5, line.s, line.len);
  if (count < 4 || !parts[0].len) return false;
  *to = (struct cron_right){ .user = parts[0], .prefix = parts[1], .host = parts[2], .lists = count == 5 ? parts[4] : (struct field){ "", 0 } };
  return parts[3].len && number_scan(parts[3].s, parts[3].len, &to->max) == parts[3].len;
}

static bool is_among(struct field names, struct field name)
{
  while (names.len) {
    char const *comma = memchr(names.s, ',', names.len);
    size_t len = comma ? (size_t)(comma - names.s) : names.len;
    if (same_anycase((struct field){ names.s, len }, name)) return true;
    len += comma != 0;
    names.s += len;
    names.len -= len;
  }
  return false;
}

bool cron_right_allows(struct cron_right const *r, struct field local, struct field host)
{
  size_t len = r->prefix.len;
  struct field name = local;
  if (!same_anycase(host, r->host)) return false;
  if (len) {
    if (local.len < len || strncasecmp(local.s, r->prefix.s, len) != 0) return false;
    if (local.len == len) return !r->lists.len;
    if (local.s[len] != '-') return false;
    name = (struct field){ local.s + len + 1, local.len - len - 1 };
  }
  return !r->lists.len || is_among(r->lists, name);
}

/* ---- when ---- */

bool cron_time_read(struct cron_when *to, char const *s)
{
  uint64_t hour, minute;
  size_t len = strlen(s), digits = number_scan(s, len, &hour);
  if (!digits || digits > 2 || s[digits] != ':' || hour > 23) return false;
  s += digits + 1;
  len = strlen(s);
  if (len != 2 || number_scan(s, len, &minute) != len || minute > 59) return false;
  to->hour = (unsigned)hour;
  to->minute = (unsigned)minute;
  return true;
}

bool cron_hours_read(struct cron_when *to, char const *s)
{
  uint64_t hours;
  size_t len = strlen(s);
  if (!len || len > 4 || number_scan(s, len, &hours) != len) return false;
  to->every = hours ? (unsigned)hours : 1;
  return hours >= 24 || (hours <= 12 && 12 % to->every == 0 && hours != 4);
}

bool cron_days_ok(char const *s)
{
  for (size_t i = 0; s[i]; i++)
    if (i % 2 ? s[i] != ',' : s[i] < '0' || s[i] > '7') return false;
  return strlen(s) % 2;
}

static void add_hours(stralloc *to, struct cron_when const *when)
{
  if (when->every == 1) text_add(to, "*");
  else if (when->every >= 24) text_addu(to, when->hour);
  else for (unsigned hour = when->hour % when->every, first = hour; hour < 24; hour += when->every) {
    if (hour > first) text_add(to, ",");
    text_addu(to, hour);
  }
}

static void add_days(stralloc *to, struct cron_when const *when)
{
  if (when->days.len) text_addb(to, when->days.s, when->days.len);
  else text_add(to, when->every <= 24 ? "*" : when->every <= 48 ? "1,3,5" : when->every <= 72 ? "1,4" : "1");
}

/* ---- entries ---- */

bool cron_word_ok(struct field f)
{
  for (size_t i = 0; i < f.len; i++) {
    char c = f.s[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && (!c || !strchr(".-_+", c))) return false;
  }
  return f.len > 0;
}

static void add(stralloc *to, struct field f) { text_addb(to, f.s, f.len); }

static void add_list(stralloc *to, struct cron_entry const *e)
{
  text_add(to, " ");
  add(to, e->local);
  text_add(to, "-dig-");
}

static void add_user(stralloc *to, struct cron_entry const *e)
{
  text_add(to, "%Return-path: <");
  add(to, e->user);
  text_add(to, "@");
  add(to, e->bouncehost);
  text_add(to, ">");
}

void cron_entry_add(stralloc *to, struct cron_when const *when, char const *program, struct cron_entry const *e)
{
  text_addu(to, when->minute);
  text_add(to, " ");
  add_hours(to, when);
  text_add(to, " * * ");
  add_days(to, when);
  text_add(to, " ");
  text_add(to, program);
  add_list(to, e);
  add(to, e->code);
  text_add(to, "@");
  add(to, e->host);
  add_user(to, e);
  text_add(to, "\n");
}

bool cron_entry_is_for(struct field line, struct cron_entry const *e)
{
  stralloc wanted = STRALLOC_ZERO;
  add_list(&wanted, e);
  char const *list = line.len ? memmem(line.s, line.len, wanted.s, wanted.len) : 0;
  char const *code = list ? list + wanted.len : 0;
  size_t left = list ? (size_t)(line.s + line.len - code) : 0;
  char const *at = left ? memchr(code, '@', left) : 0;
  stralloc_free(&wanted);
  if (!at || (size_t)(line.s + line.len - at) < e->host.len + 2) return false;
  return !strncasecmp(at + 1, e->host.s, e->host.len) && at[1 + e->host.len] == '%';
}

bool cron_entry_is_of(struct field line, struct cron_entry const *e)
{
  stralloc wanted = STRALLOC_ZERO;
  add_user(&wanted, e);
  bool is = line.len >= wanted.len && !memcmp(line.s + line.len - wanted.len, wanted.s, wanted.len);
  stralloc_free(&wanted);
  return is;
}
