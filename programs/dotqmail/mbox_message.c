#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "date.h"
#include "mbox_message.h"
#include "number.h"

static char const from[] = "From ";
static char const weekdays[] = "Sun Mon Tue Wed Thu Fri Sat ";
static char const months[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";

static struct field behind(struct field f, size_t n)
{
  return (struct field){ f.s + n, f.len - n };
}

/* ---- the date ---- */

/* So many digits of a number, at least one; 0: there are others. */
static size_t take_number(struct field *f, size_t max, unsigned *number)
{
  uint64_t n;
  size_t digits = number_scan(f->s, f->len, &n);
  if (!digits || digits > max) return 0;
  *number = (unsigned)n;
  *f = behind(*f, digits);
  return digits;
}

static bool take_byte(struct field *f, char c)
{
  if (!f->len || *f->s != c) return false;
  *f = behind(*f, 1);
  return true;
}

/* One of a list of words of three letters. */
static bool take_word(struct field *f, char const *list, char const **word)
{
  for (*word = list; f->len > 3 && **word; *word += 4)
    if (!memcmp(f->s, *word, 4)) {
      *f = behind(*f, 4);
      return true;
    }
  return false;
}

struct clock { unsigned day, hour, minute, second, year; int offset; char const *month; };

static bool take_time(struct field *f, struct clock *c)
{
  if (!take_number(f, 2, &c->hour) || !take_byte(f, ':') || !take_number(f, 2, &c->minute)) return false;
  c->second = 0;
  return !take_byte(f, ':') || take_number(f, 2, &c->second);
}

/* "+0100"; a zone of letters tells nothing that is sure. */
static void read_zone(struct field word, struct clock *c)
{
  unsigned n;
  struct field digits = word.len ? behind(word, 1) : word;
  if (word.len != 5 || (*word.s != '+' && *word.s != '-') || take_number(&digits, 4, &n) != 4) return;
  c->offset = (int)(n / 100 * 3600 + n % 100 * 60) * (*word.s == '-' ? -1 : 1);
}

/* Before or behind the year may stand a zone, or two. */
static bool read_year(struct field f, struct clock *c)
{
  struct field word;
  c->year = 0;
  for (int words = 0; (word = field_word(&f)).len; words++) {
    struct field digits = word;
    unsigned n;
    if (words == 4) return false;
    if (!c->year && word.len == 4 && take_number(&digits, 4, &n) == 4) c->year = n;
    else read_zone(word, c);
  }
  return c->year >= 1970;
}

static bool read_date(time_t *when, struct field f)
{
  struct clock c = { 0 };
  char const *weekday;
  char line[40];
  if (!take_word(&f, weekdays, &weekday) || !take_word(&f, months, &c.month)) return false;
  take_byte(&f, ' ');
  if (!take_number(&f, 2, &c.day) || !take_byte(&f, ' ') || !take_time(&f, &c) || !read_year(f, &c)) return false;
  if (c.hour > 23 || c.minute > 59 || c.second > 60) return false;
  int len = snprintf(line, sizeof line, "%u %.3s %u %02u:%02u:%02u -0000", c.day, c.month, c.year, c.hour, c.minute, c.second);
  if (len <= 0 || (size_t)len >= sizeof line || !date_header_scan(when, line, (size_t)len)) return false;
  *when -= c.offset;
  return true;
}

/* ---- the From_ line ---- */

static bool begins(struct field f, char const *s)
{
  size_t len = strlen(s);
  return f.len >= len && !memcmp(f.s, s, len);
}

static struct field trimmed(struct field f)
{
  while (f.len && (f.s[f.len - 1] == ' ' || f.s[f.len - 1] == '\t')) f.len--;
  while (f.len && (*f.s == ' ' || *f.s == '\t')) f = behind(f, 1);
  return f;
}

/* Nobody knows what stands in the address: the date is what comes last. */
bool mbox_from_line(struct mbox_message *to, struct field line)
{
  if (!begins(line, from)) return false;
  if (line.len && line.s[line.len - 1] == '\r') line.len--;
  for (size_t i = line.len; i-- >= sizeof from - 1;) {
    if (line.s[i] != ' ' || !read_date(&to->when, behind(line, i + 1))) continue;
    to->sender = trimmed((struct field){ line.s + sizeof from - 1, i < sizeof from - 1 ? 0 : i - (sizeof from - 1) });
    return true;
  }
  return false;
}

/* ---- messages ---- */

/* The line at *at, which moves behind it. */
static struct field line_at(char const *s, size_t len, size_t *at)
{
  char const *end = memchr(s + *at, '\n', len - *at);
  struct field line = { s + *at, end ? (size_t)(end - s) - *at : len - *at };
  *at += line.len + (end != 0);
  return line;
}

static bool is_empty(struct field line)
{
  return !line.len || (line.len == 1 && *line.s == '\r');
}

/* Where the message that begins there ends: before the empty line in front of the next one. */
static size_t end_of(char const *s, size_t len, size_t begin, size_t *next)
{
  struct mbox_message other;
  size_t empty = begin;         /* where the empty line before begins */
  bool was_empty = true;
  for (size_t at = begin; at < len;) {
    size_t start = at;
    struct field line = line_at(s, len, &at);
    if (was_empty && mbox_from_line(&other, line)) {
      *next = start;
      return empty;
    }
    was_empty = is_empty(line);
    if (was_empty) empty = start;
  }
  *next = len;
  return was_empty ? empty : len;
}

enum mbox_result mbox_next(struct mbox_message *to, char const *s, size_t len, size_t *at)
{
  while (*at < len && (s[*at] == '\n' || s[*at] == '\r')) ++*at;
  if (*at >= len) return MBOX_END;
  if (!mbox_from_line(to, line_at(s, len, at))) return MBOX_IS_NONE;
  size_t begin = *at, end = end_of(s, len, begin, at);
  to->text = (struct field){ s + begin, end - begin };
  return MBOX_MESSAGE;
}

static bool is_quoted(struct field line)
{
  size_t arrows = 0;
  while (arrows < line.len && line.s[arrows] == '>') arrows++;
  return arrows && begins(behind(line, arrows), from);
}

int mbox_unquote(stralloc *to, struct field text)
{
  for (size_t at = 0; at < text.len;) {
    size_t start = at;
    struct field line = line_at(text.s, text.len, &at);
    size_t arrow = is_quoted(line);
    if (!bytes_addb(to, text.s + start + arrow, at - start - arrow)) return 0;
  }
  return 1;
}
