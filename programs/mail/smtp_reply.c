#include <string.h>
#include <strings.h>

#include "smtp_reply.h"

void smtp_reply_start(struct smtp_reply *r)
{
  r->code = 0;
  r->more = r->senseless = false;
  r->lines = 0;
  r->bytes = r->column = r->len = 0;
}

static char printable(char c)
{
  unsigned char u = (unsigned char)c;
  return (u < 32 && c != '\t' && c != '\n') || u == 127 ? '?' : c;
}

static void keep(struct smtp_reply *r, char c)
{
  if (r->len < SMTP_REPLY_TEXT_MAX) r->text[r->len++] = printable(c);
}

/* A digit of the code: the first line sets it, the others must repeat it. */
static void code_digit(struct smtp_reply *r, char c)
{
  static unsigned const weight[] = { 100, 10, 1 };
  unsigned digit = (unsigned)c - '0';
  unsigned lowest = r->column ? 0 : 2, highest = r->column ? 9 : 5;
  bool fits = digit >= lowest && digit <= highest;
  if (fits && !r->lines) r->code += weight[r->column] * digit;
  if (!fits || r->code / weight[r->column] % 10 != digit) r->senseless = true;
}

static enum smtp_reply_state line_end(struct smtp_reply *r)
{
  if (r->column < 3 || ++r->lines > SMTP_REPLY_LINES_MAX) r->senseless = true;
  if (r->senseless) return SMTP_REPLY_SENSELESS;
  if (!r->more) return SMTP_REPLY_DONE;
  r->more = false;
  r->column = 0;
  return SMTP_REPLY_MORE;
}

enum smtp_reply_state smtp_reply_take(struct smtp_reply *r, char c)
{
  if (++r->bytes > SMTP_REPLY_BYTES_MAX) return SMTP_REPLY_SENSELESS;
  if (c == '\r') return SMTP_REPLY_MORE;
  keep(r, c);
  if (c == '\n') return line_end(r);
  if (r->column < 3) code_digit(r, c);
  if (r->column == 3) r->more = c == '-';
  r->column++;
  return SMTP_REPLY_MORE;
}

static struct { char const *name; unsigned bit; } const extensions[] = {
  { "SIZE", SMTP_OFFERS_SIZE }, { "8BITMIME", SMTP_OFFERS_8BITMIME }, { "PIPELINING", SMTP_OFFERS_PIPELINING },
  { "STARTTLS", SMTP_OFFERS_STARTTLS }, { "DSN", SMTP_OFFERS_DSN }, { "SMTPUTF8", SMTP_OFFERS_SMTPUTF8 }
};

static unsigned extension(char const *line, size_t len)
{
  size_t word = 4;
  while (word < len && line[word] != ' ') word++;
  for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
    size_t name_len = strlen(extensions[i].name);
    if (word == 4 + name_len && !strncasecmp(line + 4, extensions[i].name, name_len)) return extensions[i].bit;
  }
  return 0;
}

/* The first line is the server's name and greeting. */
unsigned smtp_reply_extensions(char const *text, size_t len)
{
  unsigned offered = 0;
  for (size_t begin = 0, end; begin < len; begin = end + 1) {
    char const *newline = memchr(text + begin, '\n', len - begin);
    end = newline ? (size_t)(newline - text) : len;
    if (begin) offered |= extension(text + begin, end - begin);
  }
  return offered;
}

/* Of several such lines, which some servers have for clients of old, all hold the same: the first counts. */
struct field smtp_reply_auth(char const *text, size_t len)
{
  for (size_t begin = 0, end; begin < len; begin = end + 1) {
    char const *newline = memchr(text + begin, '\n', len - begin);
    end = newline ? (size_t)(newline - text) : len;
    if (begin && end - begin > 9 && !strncasecmp(text + begin + 4, "AUTH ", 5))
      return (struct field){ text + begin + 9, end - begin - 9 };
  }
  return (struct field){ "", 0 };
}

/* The enhanced code (RFC 3463) behind the first: the length of its text, 0 if there is none. */
static size_t enhanced_code(char const *s, size_t len)
{
  size_t at = 0;
  for (int part = 0; part < 3; part++) {
    size_t begin = at;
    while (at < len && s[at] >= '0' && s[at] <= '9') at++;
    if (at == begin) return 0;
    if (part < 2 && (at == len || s[at++] != '.')) return 0;
  }
  return at;
}

bool smtp_reply_says_too_many(struct smtp_reply const *r)
{
  enum { TEXT = 4 };
  if (r->code == 552) return true;
  if (r->code != 550 && r->code / 100 != 4) return false;
  size_t len = r->len > TEXT ? enhanced_code(r->text + TEXT, r->len - TEXT) : 0;
  return len ? len == 5 && !memcmp(r->text + TEXT + 1, ".5.3", 4) : r->code == 452;
}
