#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "number.h"
#include "stamp.h"
#include "words.h"

enum { LABEL = 25, PREFIX_WORDS = 5, MINUTE = 16 };     /* bytes of @ and 24 digits; of "2002-01-20 05:54" */

/* The label of 1970-01-01 00:00:00, as multilog writes it (tai64n of libtai without leap seconds). */
static uint64_t const tai_begin = 4611686018427387914ULL;
static int64_t const second = 1000000000;

/* d is a digit, a a letter, everything else itself. */
static bool looks_like(char const *s, size_t len, char const *pattern)
{
  size_t n = strlen(pattern);
  if (len < n) return false;
  for (size_t i = 0; i < n; i++) {
    bool digit = s[i] >= '0' && s[i] <= '9', letter = (s[i] | 32) >= 'a' && (s[i] | 32) <= 'z';
    if (pattern[i] == 'd' ? !digit : pattern[i] == 'a' ? !letter : s[i] != pattern[i]) return false;
  }
  return true;
}

static int nibble(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

static bool hex(uint64_t *to, char const *s, size_t len)
{
  *to = 0;
  for (size_t i = 0; i < len; i++) {
    int n = nibble(s[i]);
    if (n < 0) return false;
    *to = *to << 4 | (unsigned)n;
  }
  return true;
}

static bool is_label(struct field word)
{
  uint64_t n;
  return word.len == LABEL && word.s[0] == '@' && hex(&n, word.s + 1, 16) && n >= tai_begin && hex(&n, word.s + 17, 8) &&
         n < (uint64_t)second;
}

/* How many words syslog has put in front: date, host and tag. */
static size_t prefix_words(struct field const words[PREFIX_WORDS])
{
  struct field first = words[0], time = words[2], tag = words[4], iso_tag = words[2];
  if (first.len == 3 && looks_like(first.s, first.len, "aaa") && looks_like(time.s, time.len, "dd:dd:dd") && tag.len &&
      tag.s[tag.len - 1] == ':')
    return 5;
  if (looks_like(first.s, first.len, "dddd-dd-ddTdd:dd:dd") && iso_tag.len && iso_tag.s[iso_tag.len - 1] == ':') return 3;
  return 0;
}

/* Only a line that begins like one of syslog is looked at for that. */
static size_t prefix(char const *s, size_t len)
{
  struct field words[PREFIX_WORDS];
  size_t at = 0, i = 0;
  while (i < len && s[i] == ' ') i++;
  if (!looks_like(s + i, len - i, "aaa ") && !looks_like(s + i, len - i, "dddd-dd-ddT")) return 0;
  words_split(words, PREFIX_WORDS, s, len);
  for (size_t n = prefix_words(words); n; n--) words_next(s, len, &at);
  return at;
}

static bool is_local(struct field date, char const *s, size_t len, size_t at)
{
  return date.len == 10 && looks_like(date.s, date.len, "dddd-dd-dd") && looks_like(s + at, len - at, " dd:dd:dd");
}

struct stamp stamp_find(char const *s, size_t len)
{
  size_t at = prefix(s, len);
  struct stamp stamp = { STAMP_DECIMAL, words_next(s, len, &at), 0 };
  if (is_label(stamp.text)) stamp.form = STAMP_TAI64N;
  else if (is_local(stamp.text, s, len, at)) {
    stamp.form = STAMP_LOCAL;
    words_next(s, len, &at);
    stamp.text.len = (size_t)(s + at - stamp.text.s);
  }
  stamp.behind = at;
  return stamp;
}

static int two(char const *s)
{
  return 10 * (s[0] - '0') + s[1] - '0';
}

/* The second at which a minute of the local time zone begins. The last one is remembered: a log has many lines of it. */
static int64_t minute_begin(char const *s)
{
  static char known[MINUTE];
  static int64_t begin;
  if (!memcmp(known, s, MINUTE)) return begin;
  struct tm t = { .tm_year = 100 * two(s) + two(s + 2) - 1900, .tm_mon = two(s + 5) - 1, .tm_mday = two(s + 8),
                  .tm_hour = two(s + 11), .tm_min = two(s + 14), .tm_isdst = -1 };
  time_t when = mktime(&t);
  memcpy(known, s, MINUTE);
  return begin = when < 0 ? 0 : when;
}

static size_t print(char to[STAMP_MAX], int64_t seconds, unsigned long nanoseconds)
{
  char text[STAMP_MAX];
  size_t len = sizeof text;
  for (int i = 0; i < 9; i++, nanoseconds /= 10) text[--len] = (char)('0' + nanoseconds % 10);
  text[--len] = '.';
  do text[--len] = (char)('0' + seconds % 10);
  while (seconds /= 10);
  memcpy(to, text + len, sizeof text - len);
  return sizeof text - len;
}

static size_t from_label(char to[STAMP_MAX], struct field label)
{
  uint64_t seconds = 0, nanoseconds = 0;
  hex(&seconds, label.s + 1, 16);
  hex(&nanoseconds, label.s + 17, 8);
  return print(to, (int64_t)((seconds - tai_begin) & INT64_MAX), (unsigned long)nanoseconds);
}

static size_t from_local(char to[STAMP_MAX], struct field text)
{
  struct field fraction = { text.s + 17, text.len - 17 };
  int64_t nanoseconds = stamp_nanoseconds(fraction);
  return print(to, minute_begin(text.s) + nanoseconds / second, (unsigned long)(nanoseconds % second));
}

size_t stamp_decimal(char to[STAMP_MAX], struct stamp const *stamp)
{
  if (stamp->form == STAMP_TAI64N) return from_label(to, stamp->text);
  if (stamp->form == STAMP_LOCAL) return from_local(to, stamp->text);
  size_t len = stamp->text.len < STAMP_MAX ? stamp->text.len : STAMP_MAX;
  memcpy(to, stamp->text.s, len);
  return len;
}

int64_t stamp_nanoseconds(struct field decimal)
{
  uint64_t seconds = 0;
  int64_t fraction = 0, unit = second / 10;
  size_t i = number_scan(decimal.s, decimal.len, &seconds);
  if (seconds > (uint64_t)(INT64_MAX / second - 1)) return INT64_MAX / second * second;
  if (i < decimal.len && decimal.s[i] == '.')
    for (i++; i < decimal.len && decimal.s[i] >= '0' && decimal.s[i] <= '9'; i++, unit /= 10)
      fraction += unit * (decimal.s[i] - '0');
  return (int64_t)seconds * second + fraction;
}
