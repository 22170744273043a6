#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "mail_header.h"
#include "number.h"
#include "text.h"
#include "vacation_text.h"

static char const word[] = "$SUBJECT";

/* ---- the subject ---- */

static void add_subject(stralloc *to, struct field subject)
{
  size_t len = subject.len < VACATION_SUBJECT_MAX ? subject.len : VACATION_SUBJECT_MAX;
  bool was_blank = false;
  for (size_t i = 0; i < len; i++) {
    bool blank = (unsigned char)subject.s[i] <= ' ' || subject.s[i] == 127;
    if (!blank || !was_blank) text_addc(to, blank ? ' ' : subject.s[i]);
    was_blank = blank;
  }
}

static void add_line(stralloc *to, struct field line, struct field subject)
{
  while (line.len) {
    char const *at = memmem(line.s, line.len, word, sizeof word - 1);
    size_t len = at ? (size_t)(at - line.s) : line.len;
    text_addb(to, line.s, len);
    if (!at) return;
    add_subject(to, subject);
    line.s = at + sizeof word - 1;
    line.len -= len + sizeof word - 1;
  }
}

/* ---- fields ---- */

static struct field trimmed(struct field f)
{
  while (f.len && (unsigned char)*f.s <= ' ') f.s++, f.len--;
  while (f.len && (unsigned char)f.s[f.len - 1] <= ' ') f.len--;
  return f;
}

/* "2026-07-01"; whether there is such a day matters to nobody. */
static char const *read_date(char to[VACATION_DATE], struct field f, char const *fault)
{
  static char const form[] = "dddd-dd-dd";
  if (f.len != sizeof form - 1) return fault;
  for (size_t i = 0; i < f.len; i++)
    if (form[i] == '-' ? f.s[i] != '-' : f.s[i] < '0' || f.s[i] > '9') return fault;
  memcpy(to, f.s, f.len);
  to[f.len] = 0;
  return 0;
}

static char const *read_days(uint64_t *to, struct field f)
{
  uint64_t days;
  if (number_scan(f.s, f.len, &days) != f.len || !f.len || !days || days > 10000) return "Days is no number of days";
  *to = days;
  return 0;
}

/* Whether the line is a field of ours. */
static bool take_field(struct vacation_text *to, struct field line, size_t name_len, size_t body)
{
  struct field name = { line.s, name_len }, value = trimmed((struct field){ line.s + body, line.len - body });
  char const *fault = 0;
  if (name.len == 6 && strncasecmp(name.s, "Starts", 6) == 0) fault = read_date(to->starts, value, "Starts is no date such as 2026-07-01");
  else if (name.len == 4 && strncasecmp(name.s, "Ends", 4) == 0) fault = read_date(to->ends, value, "Ends is no date such as 2026-07-14");
  else if (name.len == 4 && strncasecmp(name.s, "Days", 4) == 0) fault = read_days(&to->days, value);
  else return false;
  if (fault) to->fault = fault;
  return true;
}

static struct field line_at(struct field file, size_t *at)
{
  char const *end = memchr(file.s + *at, '\n', file.len - *at);
  struct field line = { file.s + *at, end ? (size_t)(end - file.s) - *at + 1 : file.len - *at };
  *at += line.len;
  return line;
}

void vacation_text_read(struct vacation_text *to, struct field file, struct field subject)
{
  size_t name_len = 1, body = 0;
  to->text.len = 0;
  *to->starts = *to->ends = 0;
  to->days = 0;
  to->fault = 0;
  for (size_t at = 0; at < file.len;) {
    struct field line = line_at(file, &at);
    bool continues = name_len && (*line.s == ' ' || *line.s == '\t');
    if (name_len && !continues) name_len = mail_header_name_length(line.s, line.len, &body);
    if (!name_len || continues || !take_field(to, line, name_len, body)) add_line(&to->text, line, subject);
  }
}
