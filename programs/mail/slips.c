#include <string.h>

#include "slips.h"
#include "queue_message.h"

struct slip { bool (*is)(struct instruction const *); char const *what; };

static bool is_one_of(char c, char const *set)
{
  return c && strchr(set, c);
}

static bool has(char const *s, size_t len, char const *set)
{
  for (size_t i = 0; i < len; i++)
    if (is_one_of(s[i], set)) return true;
  return false;
}

static bool begins(struct instruction const *in, char const *with)
{
  size_t len = strlen(with);
  return in->len >= len && !memcmp(in->text, with, len);
}

/* ---- any line ---- */

static bool ends_with_cr(struct instruction const *in)
{
  return in->line_len && in->line[in->line_len - 1] == '\r';
}

/* U+FEFF, which some editors of another system put in front of a text. */
static bool has_mark(struct instruction const *in)
{
  return begins(in, "\xef\xbb\xbf");
}

/* ---- programs, files ---- */

/* The shell would do nothing, with success. */
static bool is_no_command(struct instruction const *in)
{
  size_t i = 0;
  while (i < in->len && is_one_of(in->text[i], " \t")) i++;
  return i == in->len || in->text[i] == '#';
}

static bool has_comment(struct instruction const *in)
{
  for (size_t i = 1; i < in->len; i++)
    if (in->text[i] == '#' && is_one_of(in->text[i - 1], " \t")) return true;
  return false;
}

/* ---- forwards ---- */

static bool is_marked(struct instruction const *in)
{
  return in->line[0] == '&';
}

/* Where the host begins; the length when there is none. */
static size_t host_of(struct instruction const *in)
{
  char const *at = in->len ? memrchr(in->text, '@', in->len) : 0;
  return at ? (size_t)(at - in->text) + 1 : in->len;
}

static bool is_local(struct instruction const *in)
{
  return !in->len || !memchr(in->text, '@', in->len);
}

static bool is_empty(struct instruction const *in)
{
  return !in->len;
}

static bool begins_with_blank(struct instruction const *in)
{
  return is_one_of(in->text[0], " \t") || begins(in, "\xc2\xa0");
}

static bool begins_with_quote(struct instruction const *in)
{
  return is_one_of(in->text[0], "\"'`\\");
}

static bool has_brackets(struct instruction const *in)
{
  return has(in->text, in->len, "<>");
}

static bool is_path(struct instruction const *in)
{
  if (!is_local(in)) return false;
  return is_one_of(in->text[0], "~$./") || in->text[in->len - 1] == '/' || (!is_marked(in) && has(in->text, in->len, "/"));
}

/* A blank may belong to what stands before the @, if the address has but one and ends there. */
static bool is_several(struct instruction const *in)
{
  size_t host = host_of(in);
  if (has(in->text, in->len, ",") || in->text[0] == '(') return true;
  if (has(in->text + host, in->len - host, " \t")) return true;
  if (!has(in->text, in->len, " \t")) return false;
  return is_local(in) || memchr(in->text, '@', host - 1);
}

static bool is_no_host(struct instruction const *in)
{
  size_t at = host_of(in), len = in->len - at;
  char const *host = in->text + at;
  if (is_local(in)) return false;
  if (len > 2 && host[0] == '[' && host[len - 1] == ']') return has(host + 1, len - 2, "[]()/\\");
  return !len || has(host, len, "()[];:\"'\\/|&");
}

static bool is_no_name(struct instruction const *in)
{
  return is_local(in) && has(in->text, in->len, "();\"");
}

static bool has_control(struct instruction const *in)
{
  for (size_t i = 0; i < in->len; i++)
    if ((unsigned char)in->text[i] < ' ' || in->text[i] == 127) return true;
  return false;
}

static bool is_too_long(struct instruction const *in)
{
  return in->len > QUEUE_ADDRESS_MAX;
}

/* ---- all ---- */

static struct slip const of_any[] = {
  { ends_with_cr, "it ends with a carriage return; lines end with LF alone" },
  { has_mark, "it begins with a byte order mark" },
  { 0 }
}, of_program[] = {
  { is_no_command, "there is no command behind the |" },
  { 0 }
}, of_path[] = {
  { has_comment, "a comment needs a line of its own" },
  { 0 }
}, of_forward[] = {
  { is_empty, "there is no address behind the &" },
  { begins_with_blank, "a blank stands in front of it" },
  { begins_with_quote, "it begins with a quote; addresses, paths and commands stand without" },
  { has_brackets, "an address stands without name and angle brackets" },
  { is_path, "a path begins with ./ or /" },
  { is_several, "one address to a line, and no comment behind it" },
  { is_no_host, "no host is behind the @" },
  { is_no_name, "it is no address" },
  { has_control, "it holds a control character" },
  { is_too_long, "the address is too long" },
  { 0 }
};

static struct slip const *const of_kind[] = {
  [INSTRUCTION_PROGRAM] = of_program,
  [INSTRUCTION_MAILDIR] = of_path,
  [INSTRUCTION_MBOX] = of_path,
  [INSTRUCTION_FORWARD] = of_forward,
  [INSTRUCTION_FORWARD_ONLY] = 0
};

static char const *first_of(struct slip const *slip, struct instruction const *in)
{
  for (; slip && slip->is; slip++)
    if (slip->is(in)) return slip->what;
  return 0;
}

char const *slip_of(struct instruction const *in)
{
  if (in->line_len && in->line[0] == '#') return 0;
  char const *what = first_of(of_any, in);
  return what ? what : first_of(of_kind[in->kind], in);
}
