#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <skalibs/bytestr.h>

#include "number.h"
#include "quota.h"

/* What may stand behind a number. Messages want the capital, as ever. */
static struct { char const *suffix; bool any_case, messages; uint64_t unit; } const units[] = {
  { "",   true,  false, 1 },
  { "S",  true,  false, 1 },
  { "B",  true,  false, 1 },
  { "K",  true,  false, 1 << 10 },
  { "KB", true,  false, 1 << 10 },
  { "M",  true,  false, 1 << 20 },
  { "MB", true,  false, 1 << 20 },
  { "G",  true,  false, 1 << 30 },
  { "GB", true,  false, 1 << 30 },
  { "C",  false, true,  1 },
};
enum { UNITS = sizeof units / sizeof *units };

static bool is_suffix(size_t i, char const *s, size_t len)
{
  if (len != strlen(units[i].suffix)) return false;
  return units[i].any_case ? !strncasecmp(s, units[i].suffix, len) : !memcmp(s, units[i].suffix, len);
}

static size_t unit_of(char const *s, size_t len)
{
  size_t i = 0;
  while (i < UNITS && !is_suffix(i, s, len)) i++;
  return i;
}

/* One part of the text; each of the two limits is told at most once. */
static bool take_part(struct quota *to, bool told[2], char const *s, size_t len)
{
  uint64_t number;
  size_t digits = number_scan(s, len, &number), unit = unit_of(s + digits, len - digits);
  if (!digits || unit == UNITS || number > QUOTA_NUMBER_MAX / units[unit].unit || told[units[unit].messages]) return false;
  told[units[unit].messages] = true;
  *(units[unit].messages ? &to->messages : &to->bytes) = number * units[unit].unit;
  return true;
}

bool quota_parse(struct quota *to, char const *s, size_t len)
{
  struct quota q = { 0, 0 };
  bool told[2] = { false, false };
  *to = q;
  if (!len || (len >= 2 && !strncasecmp(s, "NO", 2))) return true;
  for (size_t at = 0, n; at <= len; at += n + 1) {
    n = byte_chr(s + at, len - at, ',');
    if (!take_part(&q, told, s + at, n)) return false;
  }
  *to = q;
  return true;
}

size_t quota_text(char to[QUOTA_TEXT_SIZE], struct quota const *q)
{
  int n;
  if (quota_is_none(q)) n = snprintf(to, QUOTA_TEXT_SIZE, "NOQUOTA");
  else if (!q->messages) n = snprintf(to, QUOTA_TEXT_SIZE, "%" PRIu64 "S", q->bytes);
  else if (!q->bytes) n = snprintf(to, QUOTA_TEXT_SIZE, "%" PRIu64 "C", q->messages);
  else n = snprintf(to, QUOTA_TEXT_SIZE, "%" PRIu64 "S,%" PRIu64 "C", q->bytes, q->messages);
  return (size_t)n;
}

bool quota_is_none(struct quota const *q)
{
  return !q->bytes && !q->messages;
}

bool quota_same(struct quota const *a, struct quota const *b)
{
  return a->bytes == b->bytes && a->messages == b->messages;
}

void quota_usage_add(struct quota_usage *to, uint64_t size)
{
  uint64_t room = QUOTA_NUMBER_MAX - to->bytes;
  to->bytes += size < room ? size : room;
  to->messages++;
}

static bool has_room(uint64_t limit, uint64_t used, uint64_t more)
{
  return !limit || (used <= limit && more <= limit - used);
}

bool quota_fits(struct quota const *limit, struct quota_usage const *usage, uint64_t size)
{
  return has_room(limit->bytes, usage->bytes, size) && has_room(limit->messages, usage->messages, 1);
}

static uint64_t percent(uint64_t limit, uint64_t used)
{
  if (!limit) return 0;
  if (used <= UINT64_MAX / 100) return 100 * used / limit;
  return limit < 100 ? UINT64_MAX : used / (limit / 100);
}

uint64_t quota_percent(struct quota const *limit, struct quota_usage const *usage)
{
  uint64_t bytes = percent(limit->bytes, usage->bytes), messages = percent(limit->messages, usage->messages);
  return bytes > messages ? bytes : messages;
}
