#include <string.h>
#include <strings.h>

#include "archive.h"
#include "get_request.h"
#include "number.h"

static char const formats[] = "mrvnx";

bool get_format_is(char letter)
{
  return letter && strchr(formats, letter);
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_separator(char c) { return c == '.' || c == '-' || c == '_'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* ---- the address ---- */

static void skip(struct field *f, size_t n)
{
  f->s += n, f->len -= n;
}

/* A separator, and the number behind it; 0 where there is none. */
static uint64_t take_number(struct field *rest)
{
  uint64_t number = 0;
  if (rest->len && is_separator(*rest->s)) skip(rest, 1);
  skip(rest, number_scan(rest->s, rest->len, &number));
  return number;
}

static void read_range(struct get_request *r, struct field rest)
{
  char const *const begin = rest.s;
  bool const separated = rest.len > 1 && is_separator(rest.s[0]) && is_separator(rest.s[1]);
  r->from = take_number(&rest);
  bool const numbered = rest.s > begin && is_digit(rest.s[-1]);
  if (!numbered && !separated) return;
  r->to = take_number(&rest);
  r->open = !numbered && r->to;
}

/* What may stand behind one of these words; all else is a longer word. */
static bool read_list(struct get_request *r, struct field rest)
{
  if (rest.len && is_letter(*rest.s)) {
    if (get_format_is(lower(*rest.s))) r->format = lower(*rest.s);
    skip(&rest, 1);
  }
  if (rest.len && !is_separator(*rest.s) && !is_digit(*rest.s)) return false;
  read_range(r, rest);
  return true;
}

/* "digest" asks for messages, while digest-subscribe and all of its kind are addresses of another table. */
static bool read_digest_word(struct get_request *r, struct field rest)
{
  return !(rest.len && *rest.s == '-' && !(rest.len > 1 && is_digit(rest.s[1]))) && read_list(r, rest);
}

static bool read_code(struct get_request *r, struct field rest)
{
  if (rest.len && !is_separator(*rest.s)) return false;
  if (rest.len) skip(&rest, 1);
  r->code = rest;
  return true;
}

static struct { char const *text; enum get_word word; bool (*read)(struct get_request *r, struct field rest); } const words[] = {
  { "digest", GET_MESSAGES, read_digest_word }, { "dig", GET_DIGEST, read_code }, { "get", GET_MESSAGES, read_list },
  { "index", GET_INDEX, read_list }, { "thread", GET_THREAD, read_list }
};

void get_request_read(struct get_request *r, struct field text)
{
  *r = (struct get_request){ .word = GET_NOTHING };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t const len = strlen(words[i].text);
    if (text.len < len || strncasecmp(text.s, words[i].text, len) != 0) continue;
    if (words[i].read(r, (struct field){ text.s + len, text.len - len })) r->word = words[i].word;
    return;
  }
}

bool get_code_is(struct field code, struct field wanted, char *format)
{
  if (!wanted.len || code.len < wanted.len || strncasecmp(code.s, wanted.s, wanted.len) != 0) return false;
  if (code.len == wanted.len) return true;
  char const letter = lower(code.s[wanted.len]);
  if (get_format_is(letter)) *format = letter;
  return get_format_is(letter);
}

/* ---- which messages that is ---- */

/* The number that is so many before this one, or the first. */
static uint64_t before(uint64_t number, uint64_t so_many)
{
  return number > so_many ? number - so_many : 1;
}

static struct get_range said(struct get_request const *r, struct get_state const *s)
{
  struct get_range range = { r->open ? 1 : r->from, r->to ? r->to : r->from };
  if (range.from > range.to) range = (struct get_range){ range.to, range.from };
  if (range.from < 1) range.from = 1;
  if (range.to > s->num) range.to = s->num;
  return range;
}

/* Of too many the last ones are wanted where nobody has said which, else the first. */
struct get_range get_messages(struct get_request const *r, struct get_state const *s)
{
  struct get_range range = { s->digested ? s->digested : before(s->num, GET_LATEST - 1), s->num };
  bool const any = !r->from && !r->open;
  if (range.from > s->num) range.from = s->num;
  if (r->from > s->num) range.from = before(s->digested && s->digested <= s->num ? s->digested : s->num, GET_LATEST);
  else if (!any) range = said(r, s);
  if (range.to - range.from < GET_MESSAGES_MAX) return range;
  if (any) range.from = range.to - GET_MESSAGES_MAX + 1;
  else range.to = range.from + GET_MESSAGES_MAX - 1;
  return range;
}

struct get_range get_entries(struct get_request const *r, struct get_state const *s)
{
  struct get_range range = { before(s->num, ARCHIVE_GROUP), s->num };
  if ((r->from && r->from <= s->num) || r->open) range = said(r, s);
  range.from -= range.from % ARCHIVE_GROUP;
  range.to = range.to - range.to % ARCHIVE_GROUP + ARCHIVE_GROUP - 1;
  if (range.to - range.from >= GET_ENTRIES_MAX) range.to = range.from + GET_ENTRIES_MAX - 1;
  if (range.to > s->num) range.to = s->num;
  if (!range.from) range.from = 1;
  return range;
}
