#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "date.h"
#include "status_text.h"
#include "utf8.h"
#include "xtext.h"

enum {
  DIAGNOSTIC_MAX = 2000,      /* bytes of what a server said that are told, */
  OWN_MAX = 500,              /* and of what we did */
  LINE_MAX_BYTES = 900        /* of one line of it: a header field has at most 998 */
};

static char const server_said[] = "Remote host said: ";

static struct { char const *name; char const *classes; } const actions[STATUS_ACTIONS] = {
  /* action               word        classes of its codes, the usual one first */
  [STATUS_FAILED]    = { "failed",    "54" },
  [STATUS_DELAYED]   = { "delayed",   "4" },
  [STATUS_DELIVERED] = { "delivered", "2" },
  [STATUS_RELAYED]   = { "relayed",   "2" },
  [STATUS_EXPANDED]  = { "expanded",  "2" }
};

char const *const status_success[STATUS_ACTIONS] = {
  [STATUS_DELIVERED] = "Delivered.\n",
  [STATUS_RELAYED] = "Handed on to a server that will tell of failure only.\n",
  [STATUS_EXPANDED] = "Handed on to the addresses behind this one; each of them will tell of failure only.\n"
};

/* ---- paragraphs ---- */

bool status_of_paragraph(struct status *to, char const *s, size_t len)
{
  char const *newline = len ? memchr(s, '\n', len) : 0;
  if (!newline || newline - s < 3 || s[0] != '<' || newline[-1] != ':' || newline[-2] != '>') return false;
  to->recipient = (struct field){ s + 1, (size_t)(newline - s) - 3 };
  to->text = (struct field){ newline + 1, len - (size_t)(newline + 1 - s) };
  return true;
}

enum status_action status_action_of(struct field text)
{
  for (int i = 0; i < STATUS_ACTIONS; i++) {
    char const *line = status_success[i];
    if (line && text.len >= strlen(line) && !memcmp(text.s, line, strlen(line))) return (enum status_action)i;
  }
  return STATUS_FAILED;
}

/* ---- what the server said ---- */

struct said {
  struct field reply;         /* its lines; empty: none said anything */
  struct field address;       /* its own, as the line before tells */
};

static size_t line_length(struct field text, size_t at)
{
  char const *newline = at < text.len ? memchr(text.s + at, '\n', text.len - at) : 0;
  return newline ? (size_t)(newline - (text.s + at)) + 1 : text.len - at;
}

static bool begins(struct field text, size_t at, char const *with)
{
  size_t len = strlen(with);
  return text.len - at >= len && !memcmp(text.s + at, with, len);
}

/* "Connected to IP but ...", "IP does not like recipient." */
static struct field address_in(struct field text, size_t at)
{
  static char const connected[] = "Connected to ", allowed[] = "0123456789abcdefABCDEF.:";
  if (begins(text, at, connected)) at += sizeof connected - 1;
  size_t len = 0;
  while (at + len < text.len && text.s[at + len] && strchr(allowed, text.s[at + len])) len++;
  bool whole = len > 2 && at + len < text.len && text.s[at + len] == ' ';
  return (struct field){ text.s + at, whole ? len : 0 };
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Lines of a reply all have its code. */
static bool is_of_reply(struct field text, size_t at, char const *code)
{
  return text.len - at >= 3 && !memcmp(text.s + at, code, 3)
      && (text.len - at == 3 || strchr(" -\n", text.s[at + 3]));
}

static struct said said_in(struct field text)
{
  struct said said = { { text.s, 0 }, { text.s, 0 } };
  size_t before = 0;
  for (size_t at = 0; at < text.len; before = at, at += line_length(text, at)) {
    if (!begins(text, at, server_said)) continue;
    size_t begin = at + sizeof server_said - 1, end = begin;
    if (text.len - begin < 3 || !is_digit(text.s[begin]) || !is_of_reply(text, begin, text.s + begin)) continue;
    while (end < text.len && is_of_reply(text, end, text.s + begin)) end += line_length(text, end);
    said.reply = (struct field){ text.s + begin, end - begin };
    said.address = address_in(text, before);
  }
  return said;
}

/* ---- codes ---- */

/* "x.y.z" at the index: its length, 0 when there is none. */
static size_t code_at(struct field text, size_t at)
{
  size_t i = at + 1, dots = 0;
  if (at >= text.len || !strchr("245", text.s[at]) || !text.s[at]) return 0;
  for (; dots < 2; dots++) {
    size_t digits = 0;
    if (i >= text.len || text.s[i] != '.') return 0;
    for (i++; i < text.len && is_digit(text.s[i]); i++) digits++;
    if (!digits || digits > 3 || (digits > 1 && text.s[i - digits] == '0')) return 0;
  }
  return i < text.len && text.s[i] == '.' ? 0 : i - at;
}

/* The last "(#x.y.z)". */
static struct field own_code(struct field text)
{
  struct field found = { text.s, 0 };
  for (size_t at = 0; at + 2 < text.len; at++) {
    if (text.s[at] != '(' || text.s[at + 1] != '#') continue;
    size_t len = code_at(text, at + 2);
    if (len && at + 2 + len < text.len && text.s[at + 2 + len] == ')') found = (struct field){ text.s + at + 2, len };
  }
  return found;
}

/* What a reply means that has no such code (RFC 3463, RFC 5321 4.2.2). */
static struct { char const *reply, *code; } const meanings[] = {
  { "421", "4.3.2" }, { "450", "4.2.0" }, { "451", "4.3.0" }, { "452", "4.3.1" },
  { "500", "5.5.1" }, { "501", "5.5.4" }, { "502", "5.5.1" }, { "503", "5.5.1" }, { "504", "5.5.4" },
  { "530", "5.7.0" }, { "535", "5.7.8" }, { "550", "5.1.1" }, { "551", "5.1.6" }, { "552", "5.2.2" }, { "553", "5.1.3" }
};

/* It counts where it stands directly behind the reply's own and says the same class. */
static struct field code_of_reply(struct field reply)
{
  size_t len = reply.len > 4 && reply.s[4] == reply.s[0] ? code_at(reply, 4) : 0;
  if (len) return (struct field){ reply.s + 4, len };
  for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
    if (!memcmp(reply.s, meanings[i].reply, 3)) return field_of(meanings[i].code);
  return (struct field){ reply.s, 0 };
}

void status_code(char to[STATUS_CODE_MAX], enum status_action action, struct field text)
{
  char const *classes = actions[action].classes;
  struct said said = said_in(text);
  struct field code = said.reply.len ? code_of_reply(said.reply) : own_code(text);
  char class = code.len ? code.s[0] : said.reply.len ? said.reply.s[0] : 0;
  bool fits = class && strchr(classes, class);
  if (fits && code.len && code.len < STATUS_CODE_MAX) snprintf(to, STATUS_CODE_MAX, "%.*s", (int)code.len, code.s);
  else snprintf(to, STATUS_CODE_MAX, "%c.0.0", fits ? class : classes[0]);
}

/* ---- fields ---- */

static int add_character(stralloc *to, char const *s, size_t len)
{
  char wide[XTEXT_WIDE];
  return bytes_addb(to, wide, xtext_wide(wide, s, len));
}

static int add_printable(stralloc *to, struct field f)
{
  for (size_t i = 0; i < f.len;) {
    size_t len = utf8_character(f.s + i, f.len - i);
    bool plain = f.s[i] >= ' ' && f.s[i] < 127;
    if (!(len > 1 ? add_character(to, f.s + i, len) : bytes_addc(to, plain ? f.s[i] : '_'))) return 0;
    i += len > 1 ? len : 1;
  }
  return 1;
}

static int add_final(stralloc *to, struct field recipient)
{
  return bytes_add(to, utf8_is_ascii(recipient.s, recipient.len) ? "\nFinal-Recipient: rfc822; " : "\nFinal-Recipient: utf-8; ")
      && add_printable(to, recipient);
}

/* "type;xtext" as "type; address". */
static int add_original(stralloc *to, struct field original)
{
  stralloc plain = STRALLOC_ZERO;
  char const *semicolon = original.len ? memchr(original.s, ';', original.len) : 0;
  if (!semicolon) return 1;
  size_t type = (size_t)(semicolon - original.s);
  int ok = xtext_decode(&plain, semicolon + 1, original.len - type - 1)
        && bytes_add(to, "\nOriginal-Recipient: ") && bytes_addb(to, original.s, type) && bytes_add(to, "; ")
        && add_printable(to, (struct field){ plain.s, plain.len });
  stralloc_free(&plain);
  return ok;
}

/* Lines of a text become lines of a field, which begin with a blank; what a terminal might obey does not get there. */
static int add_folded(stralloc *to, struct field text, size_t most)
{
  size_t column = 0;
  while (text.len && text.s[text.len - 1] == '\n') text.len--;
  for (size_t i = 0; i < text.len && i < most; i++) {
    bool newline = text.s[i] == '\n', plain = text.s[i] >= ' ' && text.s[i] < 127;
    if (newline || column == LINE_MAX_BYTES) column = 0;
    if (!column++ && i && !bytes_add(to, "\n  ")) return 0;
    if (!newline && !bytes_addc(to, plain ? text.s[i] : '?')) return 0;
  }
  return 1;
}

static int add_diagnostic(stralloc *to, struct field text)
{
  struct said said = said_in(text);
  if (said.reply.len)
    return (!said.address.len || (bytes_add(to, "\nRemote-MTA: dns; [") && bytes_addb(to, said.address.s, said.address.len)
                                  && bytes_addc(to, ']')))
        && bytes_add(to, "\nDiagnostic-Code: smtp; ") && add_folded(to, said.reply, DIAGNOSTIC_MAX);
  return !text.len || (bytes_add(to, "\nDiagnostic-Code: x-qmail; ") && add_folded(to, text, OWN_MAX));
}

static int add_retry(stralloc *to, struct status const *s)
{
  return s->action != STATUS_DELAYED || (bytes_add(to, "\nWill-Retry-Until: ") && date_header(to, s->retry_until));
}

int status_add(stralloc *to, struct status const *s)
{
  char code[STATUS_CODE_MAX];
  status_code(code, s->action, s->text);
  return add_original(to, s->original) && add_final(to, s->recipient)
      && bytes_add(to, "\nAction: ") && bytes_add(to, actions[s->action].name)
      && bytes_add(to, "\nStatus: ") && bytes_add(to, code)
      && add_diagnostic(to, s->text) && add_retry(to, s) && bytes_addc(to, '\n');
}
